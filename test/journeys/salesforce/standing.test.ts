/** What goes on by itself: sessions are renewed before they end, orgs are looked at by the clock. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { ShownSchedule } from '../../../src/contract/schedule.ts'
import { encodeSession, type Session } from '../../../workers/salesforce/session.ts'
import { startSalesforce, type TestSalesforce } from '../../fixtures/salesforce.ts'

let salesforce: TestSalesforce
beforeAll(async () => {
  salesforce = await startSalesforce({ config: { sharedSlots: 4, shortestScheduleSeconds: 0.5 } })
})
afterEach(() => salesforce.emulator.faults.clear())
afterAll(() => salesforce.close())

const logins = () => salesforce.emulator.requests.filter(({ url }) => url === '/services/oauth2/token').length
const keep = (more: object = {}) => ({
  kind: 'auth.keep',
  input: { org: 'prod', aheadSeconds: 0.1, pollSeconds: 0.1, ...more },
})

/** A session that works now, and ends in so many milliseconds. */
async function storeSession(endsInMs: number): Promise<void> {
  const org = salesforce.org('prod')
  const { token, userId, issuedAtMs } = org.sessions.open({ userId: org.userId, clientId: org.sessions.app.clientId })
  const { id: orgId, url: instanceUrl, username } = org
  const session: Session = {
    ...{ accessToken: token, instanceUrl, orgId, userId, username, issuedAtMs },
    expiresAtMs: Date.now() + endsInMs,
  }
  await salesforce.store('org/prod/session', encodeSession(session))
}

const isSuspended = ({ type }: { readonly type: string }) => type === 'task.suspended'

describe('auth.keep', () => {
  it('waits without a process until a session is about to end, and has it renewed', async () => {
    await storeSession(1_500)
    const before = logins()
    const { id } = await salesforce.mayfly.submit(keep())
    await salesforce.mayfly.until(id, isSuspended)
    expect(logins()).toBe(before)
    const task = await salesforce.mayfly.settled(id)
    expect(task).toMatchObject({ state: 'succeeded', error: null, result: { renewed: true, refusal: null } })
    expect((task.result as { expiresAtMs: number }).expiresAtMs).toBeGreaterThan(Date.now() + 6_000_000)
    expect(logins()).toBe(before + 1)
  })

  it('asks for none when another task has renewed it meanwhile: it waits for the end of that one', async () => {
    await storeSession(1_500)
    const { id } = await salesforce.mayfly.submit(keep())
    await salesforce.mayfly.until(id, isSuspended)
    await storeSession(3_600_000)
    const before = logins()
    const again = await salesforce.mayfly.until(id, ({ type, attempt }) => type === 'task.suspended' && attempt === 2)
    expect(again).toBeDefined()
    expect(logins()).toBe(before)
    expect((await salesforce.mayfly.task(id)).state).toBe('queued')
    await salesforce.mayfly.cancel(id)
    expect(await salesforce.mayfly.settled(id)).toMatchObject({ state: 'cancelled' })
  })

  it('outlives a restart while it waits', async () => {
    await storeSession(2_500)
    const { id } = await salesforce.mayfly.submit(keep())
    await salesforce.mayfly.until(id, isSuspended)
    await salesforce.restart()
    expect(await salesforce.mayfly.settled(id)).toMatchObject({ state: 'succeeded', result: { renewed: true } })
  })

  it('fails once when an org gives no session any more, goes on asking, and says when it does again', async () => {
    await storeSession(100)
    salesforce.org('prod').revoke()
    const first = await salesforce.run(keep())
    expect(first).toMatchObject({ state: 'failed', error: { code: 'AUTH_INVALID', retryable: false } })
    expect(first.error?.message).toMatch(/^org prod gives no session: .*store the new login as org\/prod\/login/)
    const second = await salesforce.run(keep({ retrySeconds: 0.01 }))
    expect(second).toMatchObject({ state: 'succeeded', result: { renewed: false } })
    expect((second.result as { refusal: string }).refusal).toMatch(/invalid_grant/)
    await salesforce.login('prod', 'refreshToken')
    const third = await salesforce.run(keep({ retrySeconds: 0.01 }))
    expect(third).toMatchObject({ state: 'succeeded', result: { renewed: true, refusal: null } })
    expect(await salesforce.mayfly.texts(third.id)).toContain('org prod gives sessions again')
  })

  it('is begun by a schedule whenever it is over, and by no other tick', async () => {
    await storeSession(2_000)
    const { id } = await schedule({ kind: 'auth.keep', input: keep().input })
    await expect.poll(async () => outcomesOf(await shown(id)), quickly).toContain('skipped')
    await expect
      .poll(async () => outcomesOf(await shown(id)).filter((outcome) => outcome === 'fired').length, quickly)
      .toBe(2)
    const [second, first] = (await shown(id)).history.filter(({ outcome }) => outcome === 'fired')
    expect(await salesforce.mayfly.task(first?.task ?? '')).toMatchObject({ state: 'succeeded' })
    await salesforce.mayfly.until(second?.task ?? '', isSuspended)
    await salesforce.mayfly.call('DELETE', `/schedules/${id}`)
    await salesforce.mayfly.cancel(second?.task ?? '')
  })
})

describe('org.health on a schedule', () => {
  it('tells what has changed since the look before, and nothing else', async () => {
    const { id } = await schedule({ kind: 'org.health', input: { orgs: ['prod'], pollSeconds: 0.02 } })
    const looks = async () => (await shown(id)).history.filter(({ state }) => state === 'succeeded')
    await expect.poll(async () => (await looks()).length, quickly).toBeGreaterThan(0)
    salesforce.org('prod').revoke()
    const results = async () => {
      const tasks = (await looks()).map(({ task }) => salesforce.mayfly.task(task ?? ''))
      return (await Promise.all(tasks)).map(({ result }) => (result as unknown as { orgs: Look[] }).orgs[0]).reverse()
    }
    await expect
      .poll(async () => (await results()).filter((one) => one?.status === 'revoked').length, quickly)
      .toBeGreaterThan(1)
    await salesforce.mayfly.call('POST', `/schedules/${id}/pause`)
    const all = await results()
    expect(all[0]).toMatchObject({ status: 'active', changed: false })
    expect(all.filter((one) => one?.changed)).toEqual([expect.objectContaining({ status: 'revoked' })])
  })
})

interface Look {
  readonly status: string
  readonly changed: boolean
}

const quickly = { timeout: 20_000, interval: 100 }

async function schedule(task: object): Promise<{ readonly id: string }> {
  const response = await salesforce.mayfly.call('POST', '/schedules', { everySeconds: 0.5, overlap: 'skip', task })
  expect(response.status).toBe(201)
  return (await response.json()) as { id: string }
}

const shown = (id: string) => salesforce.mayfly.get<ShownSchedule>(`/schedules/${id}`)
const outcomesOf = ({ history }: ShownSchedule) => history.map(({ outcome }) => outcome)
