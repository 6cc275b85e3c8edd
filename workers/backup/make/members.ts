/** What metadata an org has: its types, and the members of each. */

import type { Member } from '../../metadata/chunks.ts'
import { SalesforceError } from '../../salesforce/errors.ts'
import type { Org } from '../../salesforce/org.ts'
import type { BackupInput } from './input.ts'

export interface Query {
  readonly type: string
  readonly folder?: string
}

export interface Listed {
  readonly type: string
  readonly fullName: string
  readonly manageableState?: string
  readonly lastModifiedDate?: string
  readonly lastModifiedByName?: string
}

type Missing = (type: string, why: string) => void

/** Salesforce takes no more in one call. */
const queriesPerCall = 3

/** All of them, or of those types that are asked for. What comes with installed packages is not the org's own. */
export async function listMembers(
  org: Org,
  which: NonNullable<BackupInput['metadata']>,
  warn: (sentence: string) => void,
): Promise<Member[]> {
  const found = await listComponents(org, which, (type, why) =>
    warn(`metadata of ${type} is not in the backup: ${why}`),
  )
  return found.map(({ type, fullName }) => ({ type, name: fullName }))
}

/** As the org lists them, folders too; `children` are parts such as fields, which have dates of their own. */
export async function listComponents(
  org: Org,
  { types = 'all', exclude = [], children = false }: NonNullable<BackupInput['metadata']> & { children?: boolean },
  missing: Missing,
): Promise<Listed[]> {
  const metadata = await org.metadata()
  org.step = 'reading which types of metadata there are'
  const { metadataObjects } = await metadata.describe(org.apiVersion)
  const isAsked = (name: string) => (types === 'all' || types.includes(name)) && !exclude.includes(name)
  const chosen = metadataObjects.filter(({ xmlName }) => isAsked(xmlName))
  const parts = children
    ? metadataObjects.flatMap(({ childXmlNames }) => [childXmlNames ?? []].flat()).filter(isAsked)
    : []
  const whole = chosen.filter(({ inFolder }) => !inFolder).map(({ xmlName }) => xmlName)
  const plain = [...new Set([...whole, ...parts])].map((type): Query => ({ type }))
  const foldered = chosen.filter(({ inFolder }) => inFolder).map(({ xmlName }) => xmlName)
  const folders = await listAll(
    org,
    foldered.map((type) => ({ type: folderTypeOf(type) })),
    missing,
  )
  const inFolders = foldered.flatMap((type) =>
    folders
      .filter((folder) => folder.type === folderTypeOf(type))
      .map((one): Query => ({ type, folder: one.fullName })),
  )
  const found = await listAll(org, [...plain, ...inFolders], missing)
  const ofFolders = foldered.flatMap((type) =>
    folders.filter((folder) => folder.type === folderTypeOf(type)).map((folder) => ({ ...folder, type })),
  )
  const own = found.filter(({ manageableState }) => manageableState !== 'installed')
  return [...ofFolders, ...own]
}

/** Their folders are listed as a type of their own. */
function folderTypeOf(type: string): string {
  return type === 'EmailTemplate' ? 'EmailFolder' : `${type}Folder`
}

async function listAll(org: Org, queries: readonly Query[], missing: Missing): Promise<Listed[]> {
  const found: Listed[] = []
  for (let at = 0; at < queries.length; at += queriesPerCall)
    found.push(...(await list(org, queries.slice(at, at + queriesPerCall), missing)))
  return found
}

/** One type that the org does not list must not take the two beside it along. */
async function list(org: Org, queries: readonly Query[], missing: Missing): Promise<Listed[]> {
  org.step = `listing metadata of ${queries.map(({ type, folder }) => (folder ? `${type} in ${folder}` : type)).join(', ')}`
  try {
    const metadata = await org.metadata()
    const found = await metadata.list(
      queries.map((query) => ({ ...query })),
      org.apiVersion,
    )
    return (Array.isArray(found) ? found : found ? [found] : []) as Listed[]
  } catch (error) {
    if (!(error instanceof SalesforceError) || error.retryable) throw error
    if (queries.length > 1) return listAllAlone(org, queries, missing)
    missing(queries[0]?.type ?? '', error.message)
    return []
  }
}

async function listAllAlone(org: Org, queries: readonly Query[], missing: Missing): Promise<Listed[]> {
  const found: Listed[] = []
  for (const query of queries) found.push(...(await list(org, [query], missing)))
  return found
}
