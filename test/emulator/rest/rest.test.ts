import { Connection } from 'jsforce/lib/connection.js'
import 'jsforce/lib/api/tooling.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Emulator, startEmulator } from '../emulator.ts'
import type { EmulatedOrg } from '../org.ts'

let emulator: Emulator
let org: EmulatedOrg
let connection: Connection
beforeAll(async () => {
  emulator = await startEmulator({ orgs: [{ name: 'prod' }] })
  org = emulator.org('prod')
  const { accessToken, instanceUrl } = JSON.parse(org.login('accessToken'))
  connection = new Connection({ version: '62.0', accessToken, instanceUrl, loginUrl: emulator.url })
  org.rows.define('Invoice__c', {
    External__c: { type: 'string', externalId: true, unique: true },
    Amount__c: 'currency',
    Account__c: { type: 'reference', referenceTo: ['Account'], required: true, cascade: true },
  })
})
afterAll(async () => {
  await emulator.close()
})

describe('a query by REST', () => {
  it('shows fields of the row and of rows that it refers to', async () => {
    const account = org.rows.insert('Account', { Name: 'ACME' })
    org.rows.insert('Contact', { LastName: 'Roe', FirstName: 'Ann', AccountId: account })
    const { records } = await connection.query(
      "SELECT Name, Account.Owner.Username FROM Contact WHERE Account.Name = 'acme'",
    )
    expect(records).toMatchObject([
      {
        attributes: { type: 'Contact' },
        Name: 'Ann Roe',
        Account: { attributes: { type: 'Account' }, Owner: { Username: org.username } },
      },
    ])
  })

  it('comes in pages, whose locators expire', async () => {
    for (let number = 0; number < 5; number += 1) org.rows.insert('Product2', { Name: `P${number}` })
    org.pageRows = 2
    const first = await connection.query('SELECT Name FROM Product2 ORDER BY Name DESC')
    const second = await connection.queryMore(first.nextRecordsUrl ?? '')
    expect([...first.records, ...second.records].map(({ Name }) => Name)).toEqual(['P4', 'P3', 'P2', 'P1'])
    expect([first.totalSize, first.done]).toEqual([5, false])
    org.cursors.expireAll()
    await expect(connection.queryMore(second.nextRecordsUrl ?? '')).rejects.toMatchObject({
      name: 'INVALID_QUERY_LOCATOR',
    })
    org.pageRows = 2_000
  })

  it('is refused where it names what is not there', async () => {
    await expect(connection.query('SELECT Id FROM Nothing')).rejects.toMatchObject({ name: 'INVALID_TYPE' })
    await expect(connection.query('SELECT Nothing FROM Account')).rejects.toMatchObject({ name: 'INVALID_FIELD' })
    await expect(connection.query('SELECT Id FROM Account WHERE')).rejects.toMatchObject({ name: 'MALFORMED_QUERY' })
    await expect(connection.query('SELECT Id FROM ContentDocumentLink')).rejects.toThrow('requires a filter')
  })
})

describe('rows by REST', () => {
  it('are created, changed, fetched and deleted', async () => {
    const { id = '' } = await connection.sobject('Account').create({ Name: 'New', NumberOfEmployees: 7 })
    await connection.sobject('Account').update({ Id: id, Industry: 'Energy' })
    expect(await connection.sobject('Account').retrieve(id)).toMatchObject({ Industry: 'Energy', NumberOfEmployees: 7 })
    await connection.sobject('Account').destroy(id)
    await expect(connection.sobject('Account').retrieve(id)).rejects.toMatchObject({ name: 'ENTITY_IS_DELETED' })
    expect(org.rows.get('Account', id)?.IsDeleted).toBe(true)
  })

  it('are refused with the words of Salesforce', async () => {
    const invoices = connection.sobject('Invoice__c')
    const account = org.rows.insert('Account', { Name: 'Payer' })
    await expect(invoices.create({})).rejects.toMatchObject({ name: 'REQUIRED_FIELD_MISSING' })
    await expect(invoices.create({ Account__c: '001000000000000AAA' })).rejects.toMatchObject({
      name: 'INVALID_CROSS_REFERENCE_KEY',
    })
    await expect(invoices.create({ Account__c: account, Nothing__c: 1 })).rejects.toMatchObject({
      name: 'INVALID_FIELD',
    })
    await invoices.create({ Account__c: account, External__c: 'one' })
    await expect(invoices.create({ Account__c: account, External__c: 'ONE' })).rejects.toMatchObject({
      name: 'DUPLICATE_VALUE',
    })
    org.rows.hook('Invoice__c', {
      check: ({ Amount__c }) =>
        Number(Amount__c) < 0
          ? { statusCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', message: 'No less than nothing', fields: ['Amount__c'] }
          : null,
    })
    await expect(invoices.create({ Account__c: account, Amount__c: -1 })).rejects.toThrow('No less than nothing')
  })

  it('are upserted by external id', async () => {
    const Account__c = org.rows.insert('Account', { Name: 'Upsert' })
    const invoices = connection.sobject('Invoice__c')
    const made = await invoices.upsert({ Account__c, External__c: 'u-1', Amount__c: 1 }, 'External__c')
    const again = await invoices.upsert({ External__c: 'u-1', Amount__c: 2 }, 'External__c')
    expect([made, again]).toMatchObject([
      { success: true, created: true },
      { success: true, created: false },
    ])
    expect(org.rows.lookup('Invoice__c', 'External__c', 'u-1')).toMatchObject([{ Amount__c: 2 }])
  })

  it('come in collections, with results in order, all or none where asked', async () => {
    const rows = [{ Name: 'C1' }, {}, { Name: 'C3' }]
    const results = await connection.sobject('Account').create(rows)
    expect(results.map(({ success }) => success)).toEqual([true, false, true])
    const before = org.rows.count('Account')
    const none = await connection.sobject('Account').create(rows, { allOrNone: true })
    const undone = { success: false, errors: [{ statusCode: 'ALL_OR_NONE_OPERATION_ROLLED_BACK' }] }
    expect(none).toMatchObject([undone, { errors: [{ statusCode: 'REQUIRED_FIELD_MISSING' }] }, undone])
    expect(org.rows.count('Account')).toBe(before)
  })

  it('take their details along into the recycle bin and back', async () => {
    const account = org.rows.insert('Account', { Name: 'Master' })
    const invoice = org.rows.insert('Invoice__c', { Account__c: account })
    await connection.sobject('Account').destroy(account)
    expect(org.rows.get('Invoice__c', invoice)?.IsDeleted).toBe(true)
    const all = await connection.query(`SELECT Id FROM Invoice__c WHERE Id = '${invoice}'`, { scanAll: true })
    expect(all.records).toHaveLength(1)
    expect(await undelete(account)).toContain('<success>true</success>')
    expect(org.rows.get('Invoice__c', invoice)?.IsDeleted).toBe(false)
  })

  it('hold files, whose bytes have a URL of their own', async () => {
    const bytes = Buffer.from([0, 255, 10, 13, 128])
    const { id = '' } = await connection
      .sobject('ContentVersion')
      .create({ PathOnClient: 'a.bin', VersionData: bytes.toString('base64') })
    const version = await connection.sobject('ContentVersion').retrieve(id)
    const response = await fetch(`${org.url}${version.VersionData}`, {
      headers: { authorization: `Bearer ${connection.accessToken}` },
    })
    expect(Buffer.from(await response.arrayBuffer())).toEqual(bytes)
    expect(version).toMatchObject({ Title: 'a', ContentSize: 5, IsLatest: true })
    const links = await connection.query(
      `SELECT LinkedEntityId FROM ContentDocumentLink WHERE ContentDocumentId = '${version.ContentDocumentId}'`,
    )
    expect(links.records).toMatchObject([{ LinkedEntityId: org.userId }])
  })
})

describe('what an org says of itself', () => {
  it('describes its objects and their fields', async () => {
    const { sobjects } = await connection.describeGlobal()
    expect(sobjects.find(({ name }) => name === 'Invoice__c')).toMatchObject({
      custom: true,
      keyPrefix: expect.stringMatching(/^a/),
    })
    const { fields, childRelationships } = await connection.describe('Account')
    expect(fields.find(({ name }) => name === 'ParentId')).toMatchObject({
      type: 'reference',
      referenceTo: ['Account'],
      relationshipName: 'Parent',
    })
    expect(childRelationships).toContainEqual(
      expect.objectContaining({ childSObject: 'Invoice__c', field: 'Account__c', cascadeDelete: true }),
    )
  })

  it('tells what was changed and what was deleted', async () => {
    const start = new Date(Date.now() - 1_000).toISOString()
    const kept = org.rows.insert('Lead', { LastName: 'Kept', Company: 'K' })
    const gone = org.rows.insert('Lead', { LastName: 'Gone', Company: 'G' })
    org.rows.remove('Lead', gone)
    org.rows.purge('Lead', gone)
    const end = new Date(Date.now() + 1_000).toISOString()
    expect((await connection.sobject('Lead').updated(start, end)).ids).toEqual([kept])
    expect((await connection.sobject('Lead').deleted(start, end)).deletedRecords).toMatchObject([{ id: gone }])
  })

  it('lists versions and limits, and refuses when the day is used up', async () => {
    expect(await connection.request('/limits')).toMatchObject({ DailyApiRequests: { Max: org.api.max } })
    org.api.used = org.api.max
    await expect(connection.request('/limits')).rejects.toThrow('TotalRequests Limit exceeded.')
    org.api.used = 0
  })
})

async function undelete(id: string): Promise<string> {
  const session = `<SessionHeader><sessionId>${connection.accessToken}</sessionId></SessionHeader>`
  const body = `<env:Header>${session}</env:Header><env:Body><undelete><ids>${id}</ids></undelete></env:Body>`
  const response = await fetch(`${org.url}/services/Soap/u/62.0`, {
    method: 'POST',
    headers: { 'content-type': 'text/xml', soapaction: '""' },
    body: `<env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/">${body}</env:Envelope>`,
  })
  return response.text()
}
