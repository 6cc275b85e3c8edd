import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { ContractTask } from '../../../src/contract/task.ts'
import { expiredSession, lostResponse, maintenance, refusedWith, slowJob, stall } from '../../emulator/fault-actions.ts'
import type { FaultAction, Subject } from '../../emulator/faults.ts'
import { quick, startSalesforce, type TestSalesforce } from '../../fixtures/salesforce.ts'

let salesforce: TestSalesforce
const kinds = ['jwt', 'clientCredentials', 'password', 'sfdxAuthUrl', 'accessToken', 'refreshToken'] as const
beforeAll(async () => {
  const orgs = ['prod', ...kinds].map((name) => ({ name }))
  salesforce = await startSalesforce({ config: { sharedSlots: 8 }, orgs })
  salesforce.org('prod').rows.insert('Product2', { Name: 'one' })
})
afterEach(() => {
  expect(salesforce.emulator.faults.waiting).toBe(0)
  salesforce.emulator.faults.clear()
})
afterAll(() => salesforce.close())

const refresh = (more: object = {}) => ({ kind: 'auth.refresh', input: { org: 'prod', ...quick, ...more } })
const query = { kind: 'bulk.query', input: { org: 'prod', soql: 'SELECT Name FROM Product2', ...quick } }
const isToken = ({ path }: Subject) => path === '/services/oauth2/token'
const logins = () => salesforce.emulator.requests.filter(({ url }) => url === '/services/oauth2/token').length
const isJob = ({ method, path }: Subject) => method === 'POST' && path.endsWith('/jobs/query')
const isLook = ({ method, path }: Subject) => method === 'GET' && /jobs\/query\/\w+$/.test(path)
const cleanupsOf = async (id: string) =>
  (await salesforce.mayfly.events(id)).filter(({ type }) => type === 'task.cleanup').map(({ data }) => data)
const expectOneRow = (task: ContractTask) =>
  expect(task).toMatchObject({ state: 'succeeded', error: null, result: { records: 1 } })

describe('auth.refresh', () => {
  it.concurrent.each(kinds)('makes a session that works, from a login of kind %s', async (kind) => {
    await salesforce.login(kind, kind)
    salesforce.org(kind).rows.insert('Product2', { Name: 'one' })
    const task = await salesforce.run(refresh({ org: kind }))
    expect(task).toMatchObject({ state: 'succeeded', error: null, result: { refreshed: true, rotated: false } })
    expectOneRow(await salesforce.run({ ...query, input: { ...query.input, org: kind } }))
  })

  it('does nothing when another task was faster', async () => {
    const { result } = await salesforce.run(refresh())
    const { issuedAtMs } = result as { issuedAtMs: number }
    const before = logins()
    expect(await salesforce.run(refresh({ after: issuedAtMs - 1 }))).toMatchObject({ result: { refreshed: false } })
    expect(logins()).toBe(before)
    expect(await salesforce.run(refresh({ after: issuedAtMs }))).toMatchObject({ result: { refreshed: true } })
  })

  it('stores the refresh token that Salesforce gives in place of the old one, which opens nothing any more', async () => {
    const org = salesforce.org('prod')
    org.sessions.rotate = true
    for (let times = 0; times < 2; times++)
      expect(await salesforce.run(refresh())).toMatchObject({ result: { refreshed: true, rotated: true } })
    org.sessions.rotate = false
    expect(await salesforce.run(refresh())).toMatchObject({ result: { refreshed: true, rotated: false } })
  })

  it('comes in although answers are lost and the org is away for a moment, also when its worker is killed', async () => {
    salesforce.emulator.faults.add({ match: isToken, action: lostResponse })
    salesforce.emulator.faults.add({ match: isToken, action: maintenance, times: 2 })
    expect(await salesforce.run(refresh())).toMatchObject({ state: 'succeeded' })
    const killed = await salesforce.runKilled(refresh(), { match: isToken })
    expect(killed).toMatchObject({ state: 'succeeded', attempt: 2 })
  })

  it('says when a login leads to another org than the one before', async () => {
    const { id, state } = await salesforce.run({ ...refresh(), secrets: { login: 'vault:org/jwt/login' } })
    const told = (await salesforce.mayfly.events(id)).flatMap(({ data }) => (data.level === 'warn' ? [data.text] : []))
    const { id: prod } = salesforce.org('prod')
    expect([state, told]).toEqual([
      'succeeded',
      [`org prod is another one than before: ${salesforce.org('jwt').id}, and it was ${prod}`],
    ])
    await salesforce.run(refresh())
  })

  it('stores nothing when it is cancelled, and others come in all the same', async () => {
    const before = await salesforce.run(refresh())
    salesforce.emulator.faults.add({ match: isToken, action: stall() })
    const { id } = await salesforce.mayfly.submit(refresh())
    await salesforce.mayfly.untilType(id, 'task.progress')
    await salesforce.mayfly.cancel(id)
    expect(await salesforce.mayfly.settled(id)).toMatchObject({ state: 'cancelled' })
    salesforce.emulator.faults.clear()
    const { issuedAtMs } = before.result as { issuedAtMs: number }
    const { result } = await salesforce.run(refresh({ after: issuedAtMs - 1 }))
    expect(result).toMatchObject({ refreshed: false, issuedAtMs })
  })

  it('says what is to be done when it does not come in', async () => {
    salesforce.emulator.faults.add({
      match: isToken,
      action: refusedWith(400, 'invalid_client', 'invalid client credentials'),
    })
    expect((await salesforce.run(refresh())).error).toMatchObject({ code: 'AUTH_CONFIG', retryable: false })
    const unknown = await salesforce.run({ kind: 'auth.refresh', input: { org: 'nowhere' } })
    expect(unknown.error).toMatchObject({ code: 'AUTH_CONFIG', message: expect.stringContaining('has no login') })
    expect(unknown.attempt).toBe(1)
    await salesforce.store('org/prod/login', '{"kind":"magic-of-mine"}')
    expect((await salesforce.run(refresh())).error?.message).toMatch(/its "kind" is none of accessToken, jwt/)
    await salesforce.login('prod', 'refreshToken')
  })
})

describe('a task whose session', () => {
  it('is not there yet has one made, and goes on', async () => {
    await salesforce.login('prod', 'jwt')
    const task = await salesforce.run(query)
    expectOneRow(task)
    expect(task.attempt).toBe(2)
  })

  it('ends in the middle goes on where it was, with a new one', async () => {
    await salesforce.login('prod', 'refreshToken')
    await salesforce.run(refresh())
    salesforce.emulator.faults.add({
      match: ({ path }) => /jobs\/query\/\w+$/.test(path),
      action: (org, request, genuine) => {
        org.expireSessions()
        return expiredSession(org, request, genuine)
      },
    })
    const task = await salesforce.run(query)
    expectOneRow(task)
    const said = await salesforce.mayfly.texts(task.id)
    expect(said.filter((text) => text.includes('is submitted'))).toHaveLength(1)
  })

  it('has ended shares the new one with all others: the org is asked once', async () => {
    salesforce.org('prod').expireSessions()
    const before = logins()
    const tasks = await Promise.all([1, 2, 3, 4].map(() => salesforce.run(query)))
    tasks.forEach(expectOneRow)
    expect(logins() - before).toBe(1)
  })

  it('has ended as it made a query looks for none: what it would find is that of another task', async () => {
    const other = Promise.withResolvers<string>()
    const refusedBesideOther: FaultAction = async (...asked) => {
      salesforce.emulator.faults.add({ match: isJob, action: slowJob({ waiting: 3, working: 0 }) })
      const { id } = await salesforce.runUntil({ ...query, input: { ...query.input, pollSeconds: 0.5 } }, isLook)
      other.resolve(id)
      return expiredSession(...asked)
    }
    salesforce.emulator.faults.add({ match: isJob, action: refusedBesideOther })
    expectOneRow(await salesforce.run(query))
    const id = await other.promise
    expectOneRow(await salesforce.mayfly.settled(id))
    expect((await salesforce.mayfly.texts(id)).join()).not.toContain('stopped')
  })

  it('has ended has one made for its cleanup, too, which stops in the org what was begun', async () => {
    salesforce.emulator.faults.add({ match: isJob, action: slowJob({ waiting: 1_000, working: 0 }) })
    const { id } = await salesforce.runUntil({ ...query, input: { ...query.input, pollSeconds: 5 } }, isLook)
    salesforce.org('prod').expireSessions()
    await salesforce.mayfly.cancel(id)
    expect(await salesforce.mayfly.settled(id)).toMatchObject({ state: 'cancelled', attempt: 3 })
    expect((await salesforce.mayfly.texts(id)).join('\n')).toMatch(/the bulk query 750\w+ is Aborted in the org$/m)
    expect(await cleanupsOf(id)).toEqual([{ outcome: 'succeeded' }])
  })

  it('cannot be renewed for its cleanup says that what was begun goes on', async () => {
    salesforce.emulator.faults.add({ match: isJob, action: slowJob({ waiting: 1_000, working: 0 }) })
    const { id } = await salesforce.runUntil({ ...query, input: { ...query.input, pollSeconds: 5 } }, isLook)
    salesforce.org('prod').revoke()
    await salesforce.mayfly.cancel(id)
    expect(await salesforce.mayfly.settled(id)).toMatchObject({ state: 'cancelled' })
    const message = expect.stringMatching(/What this task began in the org goes on there: stop it there$/)
    expect(await cleanupsOf(id)).toMatchObject([{ error: { code: 'AUTH_INVALID', message } }])
    await salesforce.login('prod', 'refreshToken')
  })

  it('is refused although it is new fails, instead of asking without end', async () => {
    salesforce.emulator.faults.add({
      match: ({ path }) => path.includes('/jobs/query'),
      times: Number.POSITIVE_INFINITY,
      action: expiredSession,
    })
    const task = await salesforce.run({ ...query, retry: { maxAttempts: 1 } })
    expect(task).toMatchObject({ state: 'failed', error: { code: 'AUTH_INVALID', retryable: false } })
  })

  it('is refused by all that takes one fails as well, also where the org tells anybody its versions', async () => {
    salesforce.emulator.faults.add({
      match: ({ path }) => path.endsWith('/limits'),
      times: Number.POSITIVE_INFINITY,
      action: expiredSession,
    })
    const task = await salesforce.run({ kind: 'config.check', input: { org: 'prod', ...quick } })
    expect(task).toMatchObject({ state: 'failed', error: { code: 'AUTH_INVALID', retryable: false } })
  })

  it('cannot be renewed any more fails with what to do', async () => {
    salesforce.org('prod').revoke()
    const task = await salesforce.run(query)
    expect(task.error).toMatchObject({
      code: 'AUTH_INVALID',
      message: expect.stringMatching(
        /^org prod gives no session: .*invalid_grant: expired access\/refresh token\. .*store the new login as org\/prod\/login/,
      ),
    })
    await salesforce.login('prod', 'accessToken')
    await salesforce.run(refresh())
    salesforce.org('prod').expireSessions()
    expect((await salesforce.run(query)).error?.message).toMatch(/the access token .* has ended, and nothing renews it/)
  })

  for (const kind of ['sfdxAuthUrl', 'refreshToken', 'jwt', 'clientCredentials', 'password'] as const) {
    it(`is not shown by an answer that repeats what a login of kind ${kind} has sent`, async () => {
      await salesforce.login('prod', kind)
      let sent = ''
      salesforce.emulator.faults.add({
        match: (subject) => isToken(subject) || subject.path.startsWith('/services/Soap/u'),
        action: (_org, request) => {
          sent = request.body.toString()
          return { status: 400, headers: { 'content-type': 'text/plain' }, body: `what is this: ${sent}` }
        },
      })
      const { error } = await salesforce.run({ ...refresh(), retry: { maxAttempts: 1 } })
      expect(error?.message).toContain('what is this')
      const secrets = [...sent.matchAll(/(?:refresh_token|client_secret|assertion)=([^&]+)|<password>([^<]+)/g)]
      expect(secrets.length).toBeGreaterThan(0)
      for (const [, one, other] of secrets) expect(error?.message).not.toContain(one ?? other)
    })
  }

  it('is in no event, log, result or checkpoint of any task', async () => {
    const { items } = await salesforce.mayfly.get<{ items: ContractTask[] }>('/tasks?limit=100')
    const all = await Promise.all(items.map(async (task) => [task, await salesforce.mayfly.events(task.id)]))
    expect(JSON.stringify(all)).not.toMatch(/00D\w{12,15}!|5Aep|BEGIN PRIVATE KEY/)
  })
})
