/** Users, record types and folders: never restored, but found again in the target by their names. */
import type { Org } from '../../salesforce/org.ts'
import { longId } from '../ids.ts'
import { matchRecordTypes, matchUsers, type RecordType } from '../values.ts'
import type { Source } from './source.ts'

export interface People {
  readonly users: ReadonlyMap<string, string>
  readonly recordTypes: ReadonlyMap<string, string>
  /** Of classic documents. */
  readonly folders: ReadonlyMap<string, string>
}

/** Ids of the backup → ids of the target. In the same org they are what they were. */
export async function matchPeople(
  source: Source,
  org: Org,
  ownerMap: Readonly<Record<string, string>>,
): Promise<People> {
  const users = new Map<string, string>()
  for await (const { Id = '', Username = '' } of source.rows('User')) users.set(longId(Id), Username)
  const there = new Map<string, string>()
  for await (const { rows } of org.pages<{ Id: string; Username: string }>(
    'SELECT Id, Username FROM User WHERE IsActive = true',
    { step: 'looking for the owners' },
  ))
    for (const { Id, Username } of rows) there.set(Username, Id)
  return {
    users: matchUsers(users, there, ownerMap),
    recordTypes: await matchTypes(source, org),
    folders: await matchFolders(source, org),
  }
}

async function matchTypes(source: Source, org: Org): Promise<Map<string, string>> {
  const types: RecordType[] = []
  for await (const { Id = '', SobjectType = '', DeveloperName = '' } of source.rows('RecordType'))
    types.push({ id: longId(Id), object: SobjectType, developerName: DeveloperName })
  if (types.length === 0) return new Map()
  const soql = 'SELECT Id, SobjectType, DeveloperName FROM RecordType'
  const rows = await org.query<{ Id: string; SobjectType: string; DeveloperName: string }>(soql, {
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
  const rows = await org.query<Folder>('SELECT Id, DeveloperName, Type FROM Folder', {
    step: 'looking for the folders',
  })
  const there = new Map(rows.map(({ Id, DeveloperName, Type }) => [`${Type} ${DeveloperName}`, Id]))
  for await (const { Id = '', DeveloperName, Type } of source.rows('Folder')) {
    const match = DeveloperName ? there.get(`${Type} ${DeveloperName}`) : undefined
    if (match !== undefined) found.set(longId(Id), match)
  }
  return found
}
