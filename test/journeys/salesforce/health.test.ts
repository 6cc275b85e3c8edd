import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ContractTask } from '../../../src/contract/task.ts'
import { dailyLimit, expiredSession, gone, maintenance, refusedWith, stall } from '../../emulator/fault-actions.ts'
import type { FaultAction, Subject } from '../../emulator/faults.ts'
import { quick, startSalesforce, type TestSalesforce } from '../../fixtures/salesforce.ts'

let salesforce: TestSalesforce
beforeAll(async () => {
  salesforce = await startSalesforce({ orgs: [{ name: 'prod' }, { name: 'second' }] })
})
afterAll(() => salesforce.close())

const look = (more: object = { org: 'prod' }) => ({ kind: 'org.health', input: { ...quick, ...more } })
const healthOf = ({ result }: ContractTask) => (result as { orgs: Record<string, unknown>[] } | null)?.orgs[0]

async function seen(action: FaultAction, times = Number.POSITIVE_INFINITY) {
  salesforce.emulator.faults.add({ match: ({ path }) => path.endsWith('/limits'), times, action })
  const task = await salesforce.run(look())
  salesforce.emulator.faults.clear()
  expect(task.error).toBe(null)
  return healthOf(task)
}

describe('org.health', () => {
  it('says of each org whether it lets us in, and how much of its day is used', async () => {
    const task = await salesforce.run(look({ orgs: ['prod', 'second'], checks: ['limits', 'packages'] }))
    expect(task).toMatchObject({ state: 'succeeded', error: null, result: { statuses: { active: 2 } } })
    const { id, url, username } = salesforce.org('prod')
    expect(healthOf(task)).toMatchObject({
      org: 'prod',
      status: 'active',
      changed: false,
      previous: null,
      orgId: id,
      username,
      instanceUrl: url,
      apiUsage: { limit: 100_000, percent: 0 },
      packages: [],
    })
  })

  it('renews a session that has ended, and finds the org well', async () => {
    expect(await seen(expiredSession, 1)).toMatchObject({ status: 'active', changed: false, previous: 'active' })
  })

  it('looks again when its worker is killed, the orchestrator is restarted, and not when it is cancelled', async () => {
    const isLimits = ({ path }: Subject) => path.endsWith('/limits')
    const killed = await salesforce.runKilled(look(), { match: isLimits })
    expect([killed.attempt, healthOf(killed)]).toMatchObject([2, { status: 'active' }])
    const { id } = await salesforce.runUntil(look({ orgs: ['prod', 'second'] }), isLimits)
    await salesforce.restart()
    const settled = await salesforce.mayfly.settled(id)
    expect(settled).toMatchObject({ state: 'succeeded', result: { statuses: { active: 2 } } })
    salesforce.emulator.faults.add({ match: isLimits, action: stall() })
    const both = await salesforce.mayfly.submit(look())
    await salesforce.mayfly.untilType(both.id, 'task.progress')
    await salesforce.mayfly.cancel(both.id)
    expect(await salesforce.mayfly.settled(both.id)).toMatchObject({ state: 'cancelled' })
    salesforce.emulator.faults.clear()
  })

  it('tells changes alone, and what is wrong', async () => {
    expect(await seen(dailyLimit)).toMatchObject({ status: 'limited', changed: true, previous: 'active' })
    expect(await seen(dailyLimit)).toMatchObject({ status: 'limited', changed: false })
    expect(await seen(refusedWith(403, 'API_DISABLED_FOR_ORG', 'API is not enabled'))).toMatchObject({
      status: 'restricted',
      lastError: expect.stringContaining('while reading the limits: Salesforce answered 403 API_DISABLED_FOR_ORG'),
    })
    expect(await seen(gone)).toMatchObject({ status: 'gone', previous: 'restricted' })
    expect(await seen(maintenance)).toMatchObject({ status: 'gone', changed: false, doubts: 1 })
  })

  it('says that a login is revoked', async () => {
    salesforce.org('prod').revoke()
    const task = await salesforce.run(look())
    expect(healthOf(task)).toMatchObject({
      status: 'revoked',
      changed: true,
      lastError: expect.stringContaining('invalid_grant'),
    })
    const texts = await salesforce.mayfly.texts(task.id)
    expect(texts.join('\n')).toMatch(/^org prod is revoked, it was gone: org prod gives no session: /m)
  })
})
