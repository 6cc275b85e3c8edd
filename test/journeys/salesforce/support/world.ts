/**
 * Data as an org has it, of any size: objects whose lookups lead in circles and to themselves, details of masters, owners,
 * record types, values that CSV and JSON are easily wrong about, files with versions. And how two orgs are compared that
 * share no id: every row has a key of its own.
 */
import type { EmulatedOrg } from '../../../emulator/org.ts'
import type { FieldDraft } from '../../../emulator/rows/define.ts'
import type { Row, Value } from '../../../emulator/rows/store.ts'

/** Beside Account and Contact, which refer to themselves and to each other. */
const customObjects = 20
const thing = (index: number) => `Thing${String((index % customObjects) + 1).padStart(2, '0')}__c`
export const things = Array.from({ length: customObjects }, (_, index) => thing(index))
export const objects = ['Account', 'Contact', ...things]
const files = ['ContentVersion', 'Attachment', 'Document']

const awkward = [
  'plain',
  'two\nlines',
  'a "quote", a comma',
  ' =1+1',
  'Ünïcödé \u{1f41d}',
  "O'Brien \\ back",
  '00123',
  'true',
]

/** The same schema for the orgs that a backup goes between; and who owns rows: a user, as a sandbox calls it, and a queue. */
export function defineWorld({ rows, name }: EmulatedOrg): void {
  const username = `owner@example.com${name === 'prod' ? '' : `.${name}`}`
  rows.insert('User', { Username: username, LastName: 'Owner', Email: 'owner@example.com' })
  rows.insert('Group', { Name: 'Support', DeveloperName: 'Support', Type: 'Queue' })
  rows.define('Account', { ...fieldsOf('Account'), Contact__c: lookup('Contact') }, { keyPrefix: '001', owned: true })
  for (const [index, object] of things.entries()) {
    const next = { Next__c: lookup(thing(index + 1)), Self__c: lookup(object), Account__c: lookup('Account') }
    // Each third one is a detail of the one before.
    const master = index % 3 === 2 ? { Master__c: masterOf(thing(index - 1)) } : {}
    rows.define(object, { ...fieldsOf(object), ...next, ...master })
  }
}

const lookup = (to: string): FieldDraft => ({ type: 'reference', referenceTo: [to] })
const masterOf = (to: string): FieldDraft => ({ type: 'reference', referenceTo: [to], required: true, cascade: true })

function fieldsOf(object: string): Readonly<Record<string, FieldDraft>> {
  const own: Record<string, FieldDraft> =
    object === 'Account' ? { Name: { type: 'string', required: true }, ParentId: lookup('Account') } : {}
  return {
    Key__c: { type: 'string', externalId: true },
    Text__c: 'string',
    Long__c: 'textarea',
    Flag__c: 'boolean',
    Amount__c: 'currency',
    Day__c: 'date',
    When__c: 'datetime',
    Number__c: { type: 'string', autoNumber: true },
    ...own,
  }
}

/** At least this many rows, in all objects, and some files. */
export function fillWorld(org: EmulatedOrg, count: number, fileCount = 12): void {
  const { rows } = org
  const user = rows.all('User').find(({ Username }) => Username === 'owner@example.com')?.Id ?? ''
  const queue = rows.all('Group').find(({ DeveloperName }) => DeveloperName === 'Support')?.Id ?? ''
  const each = Math.ceil(count / objects.length)
  const ids = new Map(objects.map((object) => [object, [] as string[]]))
  for (const object of objects) {
    const own = ids.get(object) ?? []
    for (let index = 0; index < each; index++) {
      const links = linksOf(object, index, ids)
      own.push(
        rows.insert(object, { ...valuesOf(object, index), ...links, ...ownerOf(object, index, { user, queue }) }),
      )
    }
  }
  closeCircles(org, ids)
  fillFiles(org, ids.get('Account') ?? [], fileCount)
}

/** Queues own rows of objects that are the org's own. */
function ownerOf(
  object: string,
  index: number,
  { user, queue }: { readonly user: string; readonly queue: string },
): Record<string, Value> {
  const isDetail = things.indexOf(object) % 3 === 2 && things.includes(object)
  if (isDetail || index % 2 === 1) return {}
  return { OwnerId: things.includes(object) && index % 4 === 2 ? queue : user }
}

function valuesOf(object: string, index: number): Record<string, Value> {
  const text = awkward[index % awkward.length] ?? ''
  const name: Record<string, Value> =
    object === 'Contact' ? { LastName: keyOf(object, index), Description: text } : { Name: keyOf(object, index) }
  if (object === 'Contact') return name
  return {
    ...name,
    Key__c: keyOf(object, index),
    Text__c: text,
    Long__c: index % 5 === 0 ? null : `${text}\n${'x'.repeat(index % 70)}`,
    Flag__c: index % 2 === 0,
    Amount__c: index % 4 === 0 ? null : index / 4,
    Day__c: `2026-01-${String((index % 28) + 1).padStart(2, '0')}`,
    When__c: index % 3 === 0 ? null : '2026-02-03T04:05:06.000+0000',
  }
}

const keyOf = (object: string, index: number) => `${object}-${index}`

/** To what is there already. */
function linksOf(object: string, index: number, ids: ReadonlyMap<string, string[]>): Record<string, Value> {
  const some = (of: string, at: number) => ids.get(of)?.[at % Math.max(1, ids.get(of)?.length ?? 1)] ?? null
  if (object === 'Account') return { ParentId: index > 0 ? some('Account', index >> 1) : null }
  if (object === 'Contact') return { AccountId: some('Account', index) }
  const at = things.indexOf(object)
  const master = at % 3 === 2 ? { Master__c: some(things[at - 1] ?? '', index) } : {}
  return { Account__c: some('Account', index + 1), ...master }
}

/** To what came after. */
function closeCircles({ rows }: EmulatedOrg, ids: ReadonlyMap<string, string[]>): void {
  const some = (of: string, at: number) => ids.get(of)?.[at % Math.max(1, ids.get(of)?.length ?? 1)] ?? null
  for (const [object, own] of ids) {
    for (const [index, id] of own.entries()) {
      if (index % 3 !== 0) continue
      if (object === 'Account') rows.update(object, id, { Contact__c: some('Contact', index) })
      else if (object === 'Contact') rows.update(object, id, { ReportsToId: some('Contact', index + 1) })
      else {
        const next = things[(things.indexOf(object) + 1) % customObjects] ?? ''
        rows.update(object, id, { Next__c: some(next, index), Self__c: some(object, index + 2) })
      }
    }
  }
}

function fillFiles({ rows, userId }: EmulatedOrg, accounts: readonly string[], count: number): void {
  const bytes = (index: number) => Buffer.from(Array.from({ length: 100 + index * 37 }, (_, at) => (at * index) & 255))
  for (let index = 0; index < count; index++) {
    const account = accounts[index % accounts.length] ?? ''
    if (index % 3 === 0) {
      const path = { Title: `file ${index}`, PathOnClient: `file-${index}.bin`, FirstPublishLocationId: account }
      const version = rows.insert('ContentVersion', { ...path, VersionData: bytes(index), OwnerId: userId })
      const ContentDocumentId = rows.get('ContentVersion', version)?.ContentDocumentId ?? null
      const second = { Title: `file ${index}`, PathOnClient: `file-${index}.bin`, ContentDocumentId, OwnerId: userId }
      if (index % 2 === 0) rows.insert('ContentVersion', { ...second, VersionData: bytes(index + 1) })
    } else if (index % 3 === 1)
      rows.insert('Attachment', { Name: `attachment ${index}`, ParentId: account, Body: bytes(index), OwnerId: userId })
    else rows.insert('Document', { Name: `document ${index}`, FolderId: userId, Body: bytes(index) })
  }
}

const unlike = new Set([
  'Id',
  'CreatedDate',
  'CreatedById',
  'LastModifiedDate',
  'LastModifiedById',
  'SystemModstamp',
  'Number__c',
])

/** What one org holds and the other does not, rows, relations and files: nothing for orgs that hold the same. */
export function differences(one: EmulatedOrg, other: EmulatedOrg): string[] {
  const [here, there] = [pictureOf(one), pictureOf(other)]
  return [...missing(here, there, one.name), ...missing(there, here, other.name)].slice(0, mostDifferences)
}

const mostDifferences = 10

function missing(here: readonly string[], there: readonly string[], name: string): string[] {
  const counts = new Map<string, number>()
  for (const line of there) counts.set(line, (counts.get(line) ?? 0) + 1)
  const found: string[] = []
  for (const line of here) {
    const left = counts.get(line) ?? 0
    if (left === 0) found.push(`only ${name}: ${line}`)
    counts.set(line, left - 1)
  }
  return found
}

/** Each row and file as a line, with keys in place of ids. */
export function pictureOf(org: EmulatedOrg): string[] {
  const keys = keysOf(org)
  const rows = objects.flatMap((object) => {
    const references = referencesOf(org, object)
    return org.rows.all(object).map((row) => `${object} ${JSON.stringify(rowPicture(row, references, keys))}`)
  })
  return [...rows, ...filesOf(org, keys)]
}

function keysOf({ rows }: EmulatedOrg): Map<string, string> {
  const keys = new Map<string, string>()
  for (const object of objects)
    for (const row of rows.all(object)) keys.set(row.Id, `${object} ${row.Key__c ?? row.Name ?? row.LastName}`)
  for (const { Id, DeveloperName } of rows.all('Group')) keys.set(Id, `Group ${DeveloperName}`)
  for (const { Id, Username } of rows.all('User')) keys.set(Id, `User ${String(Username).replace(/@.*/, '')}`)
  return keys
}

function referencesOf({ rows }: EmulatedOrg, object: string): ReadonlySet<string> {
  const fields = [...(rows.definition(object)?.fields.values() ?? [])]
  return new Set(fields.filter(({ type }) => type === 'reference').map(({ name }) => name))
}

function rowPicture(row: Row, references: ReadonlySet<string>, keys: ReadonlyMap<string, string>) {
  const entries = Object.entries(row).filter(([field, value]) => !unlike.has(field) && value !== null && value !== '')
  return Object.fromEntries(
    entries
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([field, value]) => [field, references.has(field) ? (keys.get(String(value)) ?? value) : value]),
  )
}

/** By their names, with their bytes, versions and what they belong to. */
function filesOf({ rows }: EmulatedOrg, keys: ReadonlyMap<string, string>): string[] {
  const versions = rows.all('ContentVersion').map((row) => {
    const links = rows
      .all('ContentDocumentLink')
      .filter(({ ContentDocumentId }) => ContentDocumentId === row.ContentDocumentId)
    const places = links.map(({ LinkedEntityId }) => keys.get(String(LinkedEntityId))).sort()
    return `version ${row.VersionNumber} of ${row.Title}, ${row.PathOnClient}, ${hex(row.VersionData)} at ${places.join(', ')}`
  })
  const attachments = rows
    .all('Attachment')
    .map((row) => `${row.Name} of ${keys.get(String(row.ParentId))}, ${hex(row.Body)}`)
  const documents = rows
    .all('Document')
    .map((row) => `${row.Name} in ${keys.get(String(row.FolderId))}, ${hex(row.Body)}`)
  return [...versions, ...attachments, ...documents].sort()
}

function hex(value: Value | undefined): string {
  return Buffer.isBuffer(value) ? value.toString('hex') : String(value)
}

export const backedUp = { include: [...objects, 'User', 'Group', 'RecordType', 'ContentDocument', ...files] }
