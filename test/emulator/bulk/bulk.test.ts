import { Connection } from 'jsforce/lib/connection.js'
import 'jsforce/lib/api/bulk2.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Emulator, startEmulator } from '../emulator.ts'
import { failedJob, slowJob } from '../fault-actions.ts'
import type { EmulatedOrg } from '../org.ts'
import { csvRows } from './csv.ts'

let emulator: Emulator
let org: EmulatedOrg
let connection: Connection
beforeAll(async () => {
  emulator = await startEmulator({ orgs: [{ name: 'prod' }] })
  org = emulator.org('prod')
  const { accessToken, instanceUrl } = JSON.parse(org.login('accessToken'))
  connection = new Connection({ version: '62.0', accessToken, instanceUrl, loginUrl: emulator.url })
  org.rows.define('Item__c', {
    Key__c: { type: 'string', externalId: true, unique: true },
    Count__c: 'int',
    Account__c: { type: 'reference', referenceTo: ['Account'] },
  })
})
afterAll(async () => {
  await emulator.close()
})

describe('a bulk query', () => {
  it('works through its states and gives all rows to jsforce', async () => {
    org.rows.insert('Account', { Name: 'A, "q"\nline' })
    const stream = await connection.bulk2.query('SELECT Id, Name, Owner.Username FROM Account', { pollInterval: 1 })
    const records = await stream.toArray()
    expect(records).toMatchObject([{ Name: 'A, "q"\nline', 'Owner.Username': org.username }])
  })

  it('comes in pages with a header each, whose locators mean the same rows whatever happens to them', async () => {
    const ids = Array.from({ length: 7 }, (_, index) => org.rows.insert('Product2', { Name: `P${index}` }))
    const job = await queryJob('SELECT Name FROM Product2')
    org.rows.update('Product2', ids[4] ?? '', { Name: 'changed' })
    const first = await call(`/jobs/query/${job}/results?maxRecords=3`)
    const locator = first.headers.get('sforce-locator')
    const pages = await Promise.all([1, 2].map(async () => (await call(results(job, locator))).text()))
    expect([await first.text(), ...pages]).toEqual([
      '"Name"\n"P0"\n"P1"\n"P2"\n',
      '"Name"\n"P3"\n"P4"\n"P5"\n',
      '"Name"\n"P3"\n"P4"\n"P5"\n',
    ])
    expect(first.headers.get('sforce-numberofrecords')).toBe('3')
    const { resultPages, done } = await json(await call(`/jobs/query/${job}/resultPages?maxRecords=3`))
    const urls = (resultPages as { readonly resultUrl: string }[]).map(({ resultUrl }) => resultUrl)
    const last = await fetch(org.url + urls.at(-1), { headers: authorization() })
    expect([done, await last.text(), last.headers.get('sforce-locator')]).toEqual([true, '"Name"\n"P6"\n', 'null'])
  })

  it('makes the rows of a generated object while they are sent', async () => {
    org.rows.define('Big__c', { Number__c: 'int' })
    org.rows.generate('Big__c', 200_000, (index) => ({ Name: `Big ${index}`, Number__c: index }))
    org.compressesResults = true
    const before = process.memoryUsage().rss
    const job = await queryJob('SELECT Id, Name, Number__c FROM Big__c')
    const response = await call(`/jobs/query/${job}/results?maxRecords=200000`)
    org.compressesResults = false
    let bytes = 0
    for await (const chunk of response.body ?? []) bytes += chunk.length
    expect(response.headers.get('content-encoding')).toBe('gzip')
    expect(bytes).toBeGreaterThan(200_000 * 30)
    expect(process.memoryUsage().rss - before).toBeLessThan(150e6)
    expect(org.rows.count('Big__c')).toBe(200_000)
  })

  it('is refused what bulk queries cannot do', async () => {
    for (const soql of [
      'SELECT COUNT() FROM Account',
      'SELECT BillingAddress FROM Account',
      'SELECT VersionData FROM ContentVersion',
    ]) {
      expect(await json(await call('/jobs/query', 'POST', { operation: 'query', query: soql }))).toMatchObject([
        { errorCode: 'API_ERROR' },
      ])
    }
  })

  it('can be slow, fail, be stopped, and is known to its own version alone', async () => {
    const isCreation = ({ method }: { readonly method: string }) => method === 'POST'
    emulator.faults.add({ match: isCreation, action: slowJob({ waiting: 2, working: 0 }) })
    emulator.faults.add({ match: isCreation, action: failedJob('QUERY_TIMEOUT') })
    const ids = [await newQuery(), await newQuery(), await newQuery()]
    expect(await states(ids[0], 3)).toEqual(['UploadComplete', 'UploadComplete', 'JobComplete'])
    expect(await states(ids[1], 2)).toEqual(['UploadComplete', 'Failed'])
    expect(await json(await call(`/jobs/query/${ids[2]}`, 'PATCH', { state: 'Aborted' }))).toMatchObject({
      state: 'Aborted',
    })
    const other = `${org.url}/services/data/v61.0/jobs/query/${ids[0]}`
    expect((await fetch(other, { headers: authorization() })).status).toBe(409)
    const { records } = await json(await call('/jobs/query?jobType=V2Query'))
    expect((records as { readonly id: string }[]).map(({ id }) => id)).toEqual(expect.arrayContaining(ids))
    expect((await call(`/jobs/query/${ids[0]}`, 'DELETE')).status).toBe(204)
    expect((await call(`/jobs/query/${ids[0]}`)).status).toBe(404)
  })
})

describe('a bulk ingest', () => {
  it('stores the rows that jsforce sends and says which were refused', async () => {
    const input = [
      { Name: 'one', Key__c: 'k1', Count__c: '1' },
      { Name: 'twice', Key__c: 'k1', Count__c: '2' },
      { Name: 'no number', Key__c: 'k3', Count__c: 'x' },
    ]
    const ends = await connection.bulk2.loadAndWaitForResults({
      object: 'Item__c',
      operation: 'insert',
      input,
      pollInterval: 1,
    })
    expect(ends.successfulResults).toMatchObject([{ sf__Created: 'true', Name: 'one' }])
    expect(ends.failedResults.map((row) => row.sf__Error)).toEqual([
      expect.stringMatching(/^DUPLICATE_VALUE:duplicate value found: Key__c .*:--$/),
      expect.stringMatching(/^INVALID_TYPE_ON_FIELD_IN_RECORD:.*:Count__c --$/),
    ])
    expect(org.rows.all('Item__c')).toMatchObject([{ Name: 'one', Key__c: 'k1', Count__c: 1 }])
  })

  it('finds rows by external id, theirs and those that they refer to', async () => {
    org.rows.define('Place__c', { Code__c: { type: 'string', externalId: true } })
    org.rows.define('Stay__c', {
      Key__c: { type: 'string', externalId: true },
      Place__c: { type: 'reference', referenceTo: ['Place__c'] },
      Note__c: { type: 'string', defaultValue: 'kept' },
    })
    const place = org.rows.insert('Place__c', { Code__c: 'HH' })
    const csv = 'Key__c,Place__r.Code__c,Note__c\ns1,hh,\ns2,none,#N/A\n'
    const { id, state } = await ingest({ object: 'Stay__c', operation: 'upsert', externalIdFieldName: 'Key__c' }, csv)
    expect(state).toBe('JobComplete')
    const failed = await (await call(`/jobs/ingest/${id}/failedResults`)).text()
    expect([...csvRows(failed, ',')][1]?.[1]).toContain('INVALID_FIELD:Foreign key external ID: none not found')
    expect(org.rows.all('Stay__c')).toMatchObject([{ Key__c: 's1', Place__c: place, Note__c: 'kept' }])
  })

  it('hands back what it did not look at when it is stopped', async () => {
    org.pace.working = 3
    const { id } = await ingest({ object: 'Item__c', operation: 'insert' }, 'Key__c\na1\na2\na3\na4\n', 2)
    await call(`/jobs/ingest/${id}`, 'PATCH', { state: 'Aborted' })
    expect(await (await call(`/jobs/ingest/${id}/unprocessedrecords`)).text()).toBe('"Key__c"\n"a2"\n"a3"\n"a4"\n')
    expect(await (await call(`/jobs/ingest/${id}/successfulResults`)).text()).toMatch(
      /^"sf__Id","sf__Created","Key__c"\n/,
    )
    org.pace.working = 1
  })

  it('fails as a whole when a column is unknown or lines end otherwise than promised', async () => {
    const unknown = await ingest({ object: 'Item__c', operation: 'insert' }, 'Nothing__c\nx\n')
    expect(unknown).toMatchObject({ state: 'Failed', errorMessage: 'InvalidBatch : Field name not found : Nothing__c' })
  })

  it('deletes for good only when it is told to', async () => {
    const [soft, hard] = ['d1', 'd2'].map((Key__c) => org.rows.insert('Item__c', { Key__c }))
    await ingest({ object: 'Item__c', operation: 'delete' }, `Id\n${soft}\n`)
    await ingest({ object: 'Item__c', operation: 'hardDelete' }, `Id\n${hard}\n`)
    expect([org.rows.get('Item__c', soft ?? '')?.IsDeleted, org.rows.get('Item__c', hard ?? '')]).toEqual([
      true,
      undefined,
    ])
  })

  it('takes data once: a second PUT is refused, and fails the test', async () => {
    const { id } = await ingest({ object: 'Item__c', operation: 'insert' }, 'Key__c\nonce\n', 0)
    const again = await fetch(url(`/jobs/ingest/${id}/batches`), put('Key__c\ntwice\n'))
    expect([again.status, await json(again)]).toMatchObject([400, [{ errorCode: 'INVALIDJOBSTATE' }]])
    expect(emulator.complaints()).toEqual([expect.stringContaining(`ingest job ${id} got 2 PUTs`)])
    org.complaints.length = 0
  })
})

async function queryJob(soql: string): Promise<string> {
  const id = await newQuery(soql)
  await states(id, 3)
  return id
}

async function newQuery(query = 'SELECT Id FROM Account'): Promise<string> {
  const { id } = await json(await call('/jobs/query', 'POST', { operation: 'query', query }))
  return String(id)
}

async function states(id: string | undefined, polls: number): Promise<unknown[]> {
  const seen: unknown[] = []
  for (let poll = 0; poll < polls; poll += 1) seen.push((await json(await call(`/jobs/query/${id}`))).state)
  return seen
}

async function ingest(job: Record<string, string>, csv: string, polls = 5): Promise<Record<string, unknown>> {
  const { id } = await json(await call('/jobs/ingest', 'POST', job))
  await fetch(url(`/jobs/ingest/${id}/batches`), put(csv))
  await call(`/jobs/ingest/${id}`, 'PATCH', { state: 'UploadComplete' })
  let now: Record<string, unknown> = { id }
  for (let poll = 0; poll < polls; poll += 1) now = await json(await call(`/jobs/ingest/${id}`))
  return now
}

function put(body: string): RequestInit {
  return { method: 'PUT', body, headers: { ...authorization(), 'content-type': 'text/csv' } }
}

function results(job: string, locator: string | null): string {
  return `/jobs/query/${job}/results?maxRecords=3&locator=${locator}`
}

function call(path: string, method = 'GET', body?: unknown): Promise<Response> {
  const sent = body === undefined ? {} : { body: JSON.stringify(body) }
  return fetch(url(path), { method, headers: { ...authorization(), 'content-type': 'application/json' }, ...sent })
}

function url(path: string): string {
  return `${org.url}/services/data/v62.0${path}`
}

function authorization(): Record<string, string> {
  return { authorization: `Bearer ${connection.accessToken}` }
}

async function json(response: Response): Promise<Record<string, unknown>> {
  return (await response.json()) as Record<string, unknown>
}
