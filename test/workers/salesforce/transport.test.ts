import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Context } from '../../../workers/context.ts'
import { describeGlobal, describe as describeObject } from '../../../workers/salesforce/describe.ts'
import type { OrgInput } from '../../../workers/salesforce/input.ts'
import { openOrg } from '../../../workers/salesforce/org.ts'
import { type Call, Transport } from '../../../workers/salesforce/transport.ts'
import { type Emulator, startEmulator } from '../../emulator/emulator.ts'
import {
  concurrentLimit,
  dailyLimit,
  delay,
  expiredSession,
  gone,
  lostResponse,
  maintenance,
  maintenancePage,
  refusedWith,
  resetBeforeHeaders,
  resetMidBody,
  silence,
  stall,
} from '../../emulator/fault-actions.ts'
import type { FaultAction } from '../../emulator/faults.ts'
import type { EmulatedOrg } from '../../emulator/org.ts'
import { sessionTextOf } from '../../fixtures/session.ts'

let emulator: Emulator
let org: EmulatedOrg
beforeAll(async () => {
  emulator = await startEmulator({ orgs: [{ name: 'prod' }] })
  org = emulator.org('prod')
})
afterEach(() => {
  expect(emulator.faults.waiting).toBe(0)
  emulator.faults.clear()
})
afterAll(() => emulator.close())

const quickly = { org: 'prod', signal: new AbortController().signal, longestWaitMs: 1 }
const transport = new Transport(quickly)
const step = 'reading the limits'
const limits = (more: Partial<Call> = {}): Call => {
  const { token } = org.sessions.open({ userId: org.userId, clientId: org.sessions.app.clientId })
  const headers = { authorization: `Bearer ${token}` }
  return { method: 'GET', url: `${org.url}/services/data/v62.0/limits`, headers, step, ...more }
}
const add = (action: FaultAction, times = 1, pattern = /limits|sobjects|jobs|Soap/) =>
  emulator.faults.add({ match: ({ path }) => pattern.test(path), times, action })
const asked = async (work: () => Promise<unknown>) => {
  const before = emulator.requests.length
  await work()
  return emulator.requests.slice(before)
}

describe('what is asked of an org', () => {
  it('is sent nowhere else, and no more is taken than a retrieved zip has', async () => {
    add(() => ({ status: 302, headers: { location: 'http://127.0.0.1:1/steal' } }))
    const sentOn = expect.stringMatching(/^org prod, while reading the limits: Salesforce answered 302: it sends the/)
    await expect(transport.send(limits())).rejects.toMatchObject({ message: sentOn, retryable: false })
    const part = Buffer.alloc(8 * 1024 ** 2, ' ')
    add(() => ({ status: 200, body: Array.from({ length: 9 }, () => part) }))
    await expect(transport.send(limits())).rejects.toMatchObject({ code: 'TOO_BIG', retryable: false })
  })

  for (const [how, action, times] of [
    ['the connection is reset', resetBeforeHeaders, 4],
    ['answers are cut short', resetMidBody(5), 4],
    ['the org is in maintenance', maintenance, 4],
    ['a page of maintenance comes', maintenancePage, 2],
    ['too many ask at once', concurrentLimit, 3],
    ['something holds a lock', refusedWith(400, 'UNABLE_TO_LOCK_ROW', 'unable to obtain exclusive access'), 2],
  ] as const) {
    it(`comes although ${how}`, async () => {
      add(action, times)
      const { status, body } = await transport.send(limits())
      expect([status, JSON.parse(body).DailyApiRequests.Max]).toEqual([200, 100_000])
    })
  }

  it('comes although an answer stalls, at once and in the middle', async () => {
    add(stall())
    add(stall(20))
    add(delay(60_000))
    await expect(transport.send(limits({ timeoutMs: 300 }))).resolves.toMatchObject({ status: 200 })
  })

  it('is given up with a sentence that says how long nothing came, and how far it had come', async () => {
    const patience = { longestCallMs: 60_000, silenceMs: 200 }
    const impatient = new Transport({ ...quickly, limits: patience })
    add(stall(20), 5)
    const message = expect.stringContaining('no answer came: ETIMEDOUT: nothing came for 0.2 s, after 20 bytes of the')
    await expect(impatient.send(limits())).rejects.toMatchObject({
      code: 'NETWORK_TRANSIENT',
      retryable: true,
      message,
    })
    add(silence({ isDone: false }), 5)
    const slow = new Transport({ ...quickly, limits: { ...patience, longestCallMs: 300 } })
    const late = expect.stringContaining('no answer came: ETIMEDOUT: it took longer than 0.3 s. Look at the network')
    await expect(slow.send(limits())).rejects.toMatchObject({ code: 'NETWORK_TRANSIENT', message: late })
  })

  it('may come as slowly as it is taken', async () => {
    const parts = ['{"a":', '1', '}']
    add(() => ({ status: 200, headers: { 'content-type': 'application/json' }, body: parts }))
    const impatient = new Transport({ ...quickly, limits: { longestCallMs: 60_000, silenceMs: 100 } })
    const taken = await impatient.receive(limits(), async (_response, body) => {
      const texts: string[] = []
      for await (const part of body) {
        texts.push(Buffer.from(part).toString())
        await new Promise((resolve) => setTimeout(resolve, 200))
      }
      return texts.join('')
    })
    expect(taken).toBe('{"a":1}')
  })

  it('is given up after five times, and of an org that is gone after two', async () => {
    add(resetBeforeHeaders, 5)
    await expect(transport.send(limits())).rejects.toMatchObject({ code: 'NETWORK_TRANSIENT', retryable: true })
    add(gone, 2)
    await expect(transport.send(limits())).rejects.toMatchObject({ code: 'SERVER_TRANSIENT', status: 420 })
  })

  it('is no web page, as of a proxy that wants a login, although it comes with 200', async () => {
    const headers = { 'content-type': 'text/html;charset=UTF-8' }
    add(() => ({ status: 200, headers, body: '<html>Please log in</html>' }))
    const message = expect.stringMatching(
      /^org prod, while .*: Salesforce answered 200: what came is a web page\. Look/,
    )
    await expect(transport.send(limits())).rejects.toMatchObject({ code: 'SERVER_TRANSIENT', retryable: true, message })
  })

  it('ends at once when the task is to end, also while it waits', async () => {
    add(delay(60_000))
    const stop = new AbortController()
    const stoppable = new Transport({ ...quickly, signal: stop.signal })
    const sent = stoppable.send(limits())
    setTimeout(() => stop.abort({ kind: 'cancelled', message: 'the task is cancelled' }), 50)
    await expect(sent).rejects.toThrow('the task is cancelled')
    add(maintenance)
    const patient = new AbortController()
    const waiting = new Transport({
      org: 'prod',
      signal: patient.signal,
      onAnswer: () => patient.abort(new Error('over')),
    })
    await expect(waiting.send(limits())).rejects.toThrow('over')
  })
})

describe('what is done in an org', () => {
  const create = () => limits({ method: 'POST', url: `${org.url}/services/data/v62.0/sobjects/Account`, body: '{}' })

  it('is not done again when nobody knows whether it was', async () => {
    for (const action of [resetBeforeHeaders, maintenance]) {
      add(action)
      const requests = await asked(async () => {
        await expect(transport.send(create())).rejects.toMatchObject({ retryable: true, isUnsure: true })
      })
      expect(requests).toHaveLength(1)
    }
  })

  it('is told when it was refused for certain, before the task is suspended, and not when nobody knows', async () => {
    const told: string[] = []
    const say = (word: string) => async () => void told.push(word)
    const barred = new Transport({ ...quickly, onBarred: say('barred') })
    const call = limits({ repeatable: false, submission: { refused: say('refused'), again: say('again') } })
    add(expiredSession)
    await expect(barred.send(call)).rejects.toThrow()
    expect(told.splice(0)).toEqual(['refused', 'barred'])
    for (const action of [lostResponse, refusedWith(408, 'TIMEOUT', 'late'), refusedWith(500, 'NOBODY_KNOWS', 'odd')]) {
      add(action)
      await expect(barred.send(call)).rejects.toThrow()
      expect(told).toEqual([])
    }
  })

  it('is told so while it waits to be made again, and that it is', async () => {
    const told: string[] = []
    const say = (word: string) => async () => void told.push(word)
    add(concurrentLimit)
    const sent = transport.send(limits({ submission: { refused: say('refused'), again: say('again') } }))
    expect((await sent).status).toBe(200)
    expect(told).toEqual(['refused', 'again'])
  })

  it('is done again when it was refused before anything was done', async () => {
    add(refusedWith(429, 'TOO_MANY_REQUESTS', 'slow down'))
    add(concurrentLimit)
    add(refusedWith(400, 'MALFORMED_ID', 'so it came through'))
    await expect(transport.send(create())).rejects.toMatchObject({ code: 'VALIDATION', isUnsure: false })
  })

  it('sends the data of an ingest job once, whatever comes of it', async () => {
    const url = `${org.url}/services/data/v62.0/jobs/ingest/750000000000001/batches`
    add(maintenance)
    const requests = await asked(async () => {
      const put = limits({ method: 'PUT', url, body: () => new Blob(['Name\na\n']) })
      await expect(transport.send(put)).rejects.toMatchObject({ code: 'SERVER_TRANSIENT' })
    })
    expect(requests).toMatchObject([{ method: 'PUT', bodyBytes: 7 }])
  })
})

describe('calls of the Metadata API by jsforce', () => {
  const said: string[] = []
  /** As much of a task's context as an org needs. */
  const context = (suspend: (until: unknown) => never) =>
    ({
      input: { org: 'prod', pollSeconds: 0.001 },
      attempt: 1,
      kept: mkdtempSync(join(tmpdir(), 'mayfly-transport-')),
      signal: quickly.signal,
      secrets: { names: ['session'], text: () => Buffer.from(sessionTextOf(org)).toString(), mask: async () => {} },
      log: { info: (text: string) => said.push(text), warn: (text: string) => said.push(text) },
      children: async () => [],
      submit: async (key: string, request: object) => {
        said.push(JSON.stringify({ key, ...request }))
        return { id: 'child' }
      },
      suspend,
    }) as unknown as Context<OrgInput>
  const suspended = (until: unknown): never => {
    throw new Error(`suspended: ${JSON.stringify(until)}`)
  }

  it('are made again when they only ask, and not when they do', async () => {
    const metadata = await (await openOrg(context(suspended))).metadata()
    add(resetMidBody(5), 2)
    add(maintenance, 2)
    const { metadataObjects } = await metadata.describe()
    expect(metadataObjects.length).toBeGreaterThan(0)
    add(resetBeforeHeaders)
    const deployed = metadata.deploy(Buffer.from('PK'), { checkOnly: true })
    await expect(deployed).rejects.toMatchObject({ code: 'NETWORK_TRANSIENT', isUnsure: true })
  })

  it('fail with what may go better later when a web page comes', async () => {
    const metadata = await (await openOrg(context(suspended))).metadata()
    add(() => ({ status: 200, headers: { 'content-type': 'text/html' }, body: '<html>Please log in</html>' }))
    await expect(metadata.describe()).rejects.toMatchObject({ code: 'SERVER_TRANSIENT', retryable: true })
  })

  it('suspend the task when the session has ended, instead of asking for another without end', async () => {
    const metadata = await (await openOrg(context(suspended))).metadata()
    add(expiredSession, Number.POSITIVE_INFINITY)
    const requests = await asked(() => expect(metadata.describe()).rejects.toThrow('suspended: {"children":["child"]}'))
    expect(requests).toHaveLength(1)
    const after = expect.stringMatching(
      /^{"key":"auth:prod:1","kind":"auth.refresh","input":{"org":"prod","after":\d+}}$/,
    )
    expect(said.at(-1)).toEqual(after)
  })

  it('end when the next page of rows is the page itself', async () => {
    const opened = await openOrg(context(suspended))
    const again = '/services/data/v62.0/query/01g-2000'
    const page = { totalSize: 1, done: false, records: [], nextRecordsUrl: again }
    const action: FaultAction = () => ({
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(page),
    })
    add(action, 2, /query/)
    await expect(opened.data.query('SELECT Id FROM Account')).rejects.toThrow(/the next page of rows is the same again/)
    page.nextRecordsUrl = 'https://example.org/services/data/v62.0/query/01g-2000'
    add(action, 1, /query/)
    await expect(opened.data.query('SELECT Id FROM Account')).rejects.toThrow('a path of an org begins with "/"')
  })

  it('fail where an answer is JSON, and nothing that the API gives there: no rows would be taken for an empty org', async () => {
    const opened = await openOrg(context(suspended))
    const answering = (body: unknown) =>
      add(() => ({ status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }), 1, /./)
    const strange = (what: string) =>
      expect.objectContaining({ code: 'SERVER_TRANSIENT', message: expect.stringContaining(`what came is ${what}`) })
    const page = { totalSize: 2, done: true, records: [] }
    const broken = [null, '', [], {}, { ...page, records: '-' }, { ...page, totalSize: '2' }, { ...page, done: false }]
    for (const one of broken) {
      answering(one)
      await expect(opened.data.query('SELECT Id FROM Account')).rejects.toEqual(strange('no'))
    }
    answering({ totalSize: 7 })
    await expect(opened.data.count('SELECT count() FROM Account')).rejects.toEqual(strange('no page of rows'))
    for (const one of [null, {}, { id: 7 }]) {
      answering(one)
      await expect(opened.data.create('Account', {})).rejects.toEqual(strange('no'))
    }
    for (const one of [{}, { sobjects: {} }, { sobjects: [null] }, { sobjects: [{ name: 1 }] }]) {
      answering(one)
      await expect(describeGlobal(opened)).rejects.toEqual(strange('no list of objects'))
    }
    answering({ name: 'Account', fields: [{ type: 'id' }] })
    await expect(describeObject(opened, 'Account')).rejects.toEqual(strange('no description of an object'))
  })

  it('suspend it until later when the limit of the day is reached', async () => {
    const opened = await openOrg(context(suspended))
    add(dailyLimit)
    await expect(opened.request('/limits')).rejects.toThrow(/^suspended: {"resumeAt":"/)
    expect(said.at(-1)).toMatch(/REQUEST_LIMIT_EXCEEDED: TotalRequests Limit exceeded.*goes on in 2400 s/)
    add(lostResponse)
    await opened.request('/limits')
    expect(opened.apiUsage).toMatchObject({ calls: 3, limit: 100_000 })
  })
})
