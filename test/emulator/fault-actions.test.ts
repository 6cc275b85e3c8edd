import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Emulator, startEmulator } from './emulator.ts'
import * as actions from './fault-actions.ts'
import type { FaultAction } from './faults.ts'
import type { EmulatedOrg } from './org.ts'

let emulator: Emulator
let org: EmulatedOrg
let token: string
beforeAll(async () => {
  emulator = await startEmulator({ orgs: [{ name: 'prod' }] })
  org = emulator.org('prod')
  token = JSON.parse(org.login('accessToken')).accessToken
  org.rows.insert('Account', { Name: 'ACME' })
})
afterAll(async () => {
  await emulator.close()
})

describe('a request that fails', () => {
  const refusals: readonly (readonly [string, FaultAction, number, string])[] = [
    ['because the session has expired', actions.expiredSession, 401, 'INVALID_SESSION_ID'],
    ['because the day is used up', actions.dailyLimit, 403, 'TotalRequests Limit exceeded.'],
    ['because too much goes on at once', actions.concurrentLimit, 403, 'ConcurrentRequests'],
    ['for maintenance', actions.maintenance, 503, 'SERVER_UNAVAILABLE'],
    ['for maintenance, with a page', actions.maintenancePage, 503, '<html>'],
    ['because the org has gone', actions.gone, 420, ''],
    ['because the job is unknown', actions.poisonedPoll, 404, 'NOT_FOUND'],
    ['for whatever reason', actions.refusedWith(400, 'QUERY_TIMEOUT', 'Your query ran too long'), 400, 'QUERY_TIMEOUT'],
  ]
  it.each(refusals)('%s', async (_why, action, status, said) => {
    emulator.faults.add({ match: () => true, action })
    const response = await get('/limits')
    expect([response.status, await response.text()]).toEqual([status, expect.stringContaining(said)])
  })

  it('by SOAP says so by a fault', async () => {
    emulator.faults.add({ match: ({ call }) => call === 'checkDeployStatus', action: actions.expiredSession })
    emulator.faults.add({ match: ({ call }) => call === 'checkDeployStatus', action: actions.poisonedPoll })
    const [expired, poisoned] = [await soap('checkDeployStatus'), await soap('checkDeployStatus')]
    expect([expired.status, await expired.text()]).toEqual([
      500,
      expect.stringContaining('<faultcode>sf:INVALID_SESSION_ID</faultcode>'),
    ])
    expect(await poisoned.text()).toContain('<faultcode>sf:INVALID_CROSS_REFERENCE_KEY</faultcode>')
  })

  it('because the refresh token was revoked', async () => {
    emulator.faults.add({ match: ({ call }) => call === 'refresh_token', action: actions.revokedRefreshToken })
    const response = await fetch(`${emulator.url}/services/oauth2/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'refresh_token' }),
    })
    expect([response.status, await response.json()]).toMatchObject([400, { error: 'invalid_grant' }])
  })

  it('is the one that is meant: of this org, with this body, after so many', async () => {
    emulator.faults.add({ match: ({ org: name }) => name === 'other', action: actions.gone })
    emulator.faults.add({ match: ({ body }) => body.includes('second'), after: 1, times: 1, action: actions.gone })
    const statuses: number[] = []
    for (const Name of ['first', 'second', 'second', 'second']) statuses.push((await create(Name)).status)
    expect(statuses).toEqual([201, 201, 420, 201])
    expect(emulator.faults.waiting).toBe(1)
    emulator.faults.clear()
  })
})

describe('an answer that does not arrive', () => {
  it('is lost before anything has happened, or after', async () => {
    emulator.faults.add({ match: () => true, action: actions.resetBeforeHeaders })
    await expect(create('never')).rejects.toThrow('fetch failed')
    emulator.faults.add({ match: () => true, action: actions.lostResponse })
    await expect(create('there')).rejects.toThrow('fetch failed')
    const names = org.rows.all('Account').map(({ Name }) => Name)
    expect(names).toContain('there')
    expect(names).not.toContain('never')
    expect(emulator.requests.at(-1)).toMatchObject({ status: 0, isFaulty: true })
  })

  it('is cut in the middle of JSON, XML and CSV, after the bytes that were meant to come', async () => {
    const job = await finishedQuery()
    const asked: readonly (() => Promise<Response>)[] = [
      () => get('/limits'),
      () => soap('describeMetadata'),
      () => get(`/jobs/query/${job}/results`),
    ]
    for (const ask of asked) {
      emulator.faults.add({ match: () => true, action: actions.resetMidBody(5) })
      const response = await ask()
      const reader = response.body?.getReader()
      expect([response.status, (await reader?.read())?.value?.length]).toEqual([200, 5])
      await expect(reader?.read()).rejects.toThrow('terminated')
    }
  })

  it('stalls after its headers, or comes late', async () => {
    emulator.faults.add({ match: () => true, action: actions.stall() })
    const stalled = await get('/limits', AbortSignal.timeout(50))
    expect(stalled.status).toBe(200)
    await expect(stalled.text()).rejects.toThrow('timeout')
    emulator.faults.add({ match: () => true, action: actions.delay(30) })
    const before = performance.now()
    expect((await get('/limits')).status).toBe(200)
    expect(performance.now() - before).toBeGreaterThan(25)
  })
})

describe('an answer that is wrong', () => {
  const malformed: readonly (readonly [actions.Malformation, RegExp])[] = [
    ['unclosedQuote', /"b\n$/],
    ['columnCount', /"too","many"/],
    ['byteOrderMark', /^\uFEFF/],
    ['mixedLineEnds', /\r\n/],
  ]
  it.each(malformed)('as CSV: %s', async (how, shape) => {
    const job = await finishedQuery()
    emulator.faults.add({ match: ({ path }) => path.endsWith('/results'), action: actions.malformedCsv(how) })
    const bytes = Buffer.from(await (await get(`/jobs/query/${job}/results`)).arrayBuffer())
    expect(bytes.toString()).toMatch(shape)
  })

  it('refuses rows that are in order', async () => {
    emulator.faults.add({ match: ({ path }) => path.endsWith('/composite/sobjects'), action: actions.rowErrors(1) })
    const attributes = { type: 'Account' }
    const records = [
      { attributes, Name: 'locked' },
      { attributes, Name: 'free' },
    ]
    const response = await send('/composite/sobjects', { records })
    expect(await response.json()).toMatchObject([{ errors: [{ statusCode: 'UNABLE_TO_LOCK_ROW' }] }, { success: true }])
  })
})

describe('what clients must not do', () => {
  it('fails the test that ends: endpoints that are unknown', async () => {
    const own = await startEmulator({ orgs: [{ name: 'strict' }] })
    const response = await fetch(`${own.url}/services/data/v62.0/nothing?of=it`)
    expect(response.status).toBe(404)
    await expect(own.close()).rejects.toThrow('strict: nothing answers GET /services/data/v62.0/nothing')
  })

  it('fails no test where it was meant for the server that had this port before', async () => {
    const own = await startEmulator({ orgs: [{ name: 'strict' }] })
    expect((await fetch(`${own.url}/v1/stream`)).status).toBe(404)
    await own.close()
  })
})

async function finishedQuery(): Promise<string> {
  const made = await send('/jobs/query', { operation: 'query', query: 'SELECT Id, Name FROM Account' })
  const { id } = (await made.json()) as { readonly id: string }
  for (let poll = 0; poll < 3; poll += 1) await (await get(`/jobs/query/${id}`)).text()
  return id
}

function create(Name: string): Promise<Response> {
  return send('/sobjects/Account', { Name })
}

function send(path: string, body: unknown): Promise<Response> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  return fetch(`${org.url}/services/data/v62.0${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
}

function get(path: string, signal?: AbortSignal): Promise<Response> {
  const headers = { authorization: `Bearer ${token}` }
  return fetch(`${org.url}/services/data/v62.0${path}`, { headers, ...(signal ? { signal } : {}) })
}

function soap(call: string): Promise<Response> {
  const header = `<e:Header><SessionHeader><sessionId>${token}</sessionId></SessionHeader></e:Header>`
  const body = `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/">${header}<e:Body><${call}/></e:Body></e:Envelope>`
  return fetch(`${org.url}/services/Soap/m/62.0`, { method: 'POST', headers: { 'content-type': 'text/xml' }, body })
}
