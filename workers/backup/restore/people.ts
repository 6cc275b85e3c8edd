/** Users, queues, record types and folders: never restored, but found again in the target by their names. */
import type { Org } from '../../salesforce/org.ts'
import { longId } from '../ids.ts'
import { matchOwners, matchRecordTypes, type RecordType } from '../values.ts'
import type { Source } from './source.ts'

export interface People {
  /** Users and queues. */
  readonly owners: ReadonlyMap<string, string>
  /** Those of the backup for whom nothing stands in the target. */
  readonly gone: ReadonlySet<string>
  readonly recordTypes: ReadonlyMap<string, string>
  /** Of classic documents. */
  readonly folders: ReadonlyMap<string, string>
}

/** Ids of the backup → ids of the target. In the same org they are what they were, where they are there. */
export async function matchPeople(
  source: Source,
  org: Org,
  { ownerMap, isSameOrg }: { readonly ownerMap: Readonly<Record<string, string>>; readonly isSameOrg: boolean },
): Promise<People> {
  const owners = await ownersIn(source)
  const target = await ownersOf(org)
  const found = matchOwners(owners, target, ownerMap, isSameOrg ? new Set(target.values()) : undefined)
  return {
    owners: found,
    gone: new Set([...owners.keys()].filter((id) => !found.has(id))),
    recordTypes: await matchTypes(source, org),
    folders: await matchFolders(source, org),
  }
}

/** Id → name, in the backup. */
async function ownersIn(source: Source): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for await (const { Id = '', Username = '' } of source.rows('User')) found.set(longId(Id), Username)
  for await (const { Id = '', DeveloperName = '', Type } of source.rows('Group'))
    if (Type === 'Queue') found.set(longId(Id), DeveloperName)
  return found
}

/** Name → id, in the target: who may own rows there. */
async function ownersOf(org: Org): Promise<Map<string, string>> {
  const step = 'looking for the owners'
  const found = new Map<string, string>()
  const users = 'SELECT Id, Username FROM User WHERE IsActive = true'
  for await (const { rows } of org.data.pages<{ Id: string; Username: string }>(users, { step }))
    for (const { Id, Username } of rows) found.set(Username, longId(Id))
  const queues = "SELECT Id, DeveloperName FROM Group WHERE Type = 'Queue'"
  for await (const { rows } of org.data.pages<{ Id: string; DeveloperName: string }>(queues, { step }))
    for (const { Id, DeveloperName } of rows) found.set(DeveloperName, longId(Id))
  return found
}

async function matchTypes(source: Source, org: Org): Promise<Map<string, string>> {
  const types: RecordType[] = []
  for await (const { Id = '', SobjectType = '', DeveloperName = '' } of source.rows('RecordType'))
    types.push({ id: longId(Id), object: SobjectType, developerName: DeveloperName })
  if (types.length === 0) return new Map()
  const soql = 'SELECT Id, SobjectType, DeveloperName FROM RecordType'
  const rows = await org.data.query<{ Id: string; SobjectType: string; DeveloperName: string }>(soql, {
    step: 'looking for the record types',
  })
  const there = rows.map((row) => ({ id: row.Id, object: row.SobjectType, developerName: row.DeveloperName }))
  return matchRecordTypes(types, there)
}

interface Folder {
  readonly Id: string
  readonly DeveloperName: string
  readonly Type: string
}

async function matchFolders(source: Source, org: Org): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  if (source.bodyIndexes('Document').length === 0 || !source.objects.has('Folder')) return found
  const rows = await org.data.query<Folder>('SELECT Id, DeveloperName, Type FROM Folder', {
    step: 'looking for the folders',
  })
  const there = new Map(rows.map(({ Id, DeveloperName, Type }) => [`${Type} ${DeveloperName}`, Id]))
  for await (const { Id = '', DeveloperName, Type } of source.rows('Folder')) {
    const match = DeveloperName ? there.get(`${Type} ${DeveloperName}`) : undefined
    if (match !== undefined) found.set(longId(Id), match)
  }
  return found
}
