import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ContractTask } from '../../../src/contract/task.ts'
import { webhooksName } from '../../../workers/webhook/address.ts'
import { dailyLimit, expiredSession, gone, maintenance, refusedWith, stall } from '../../emulator/fault-actions.ts'
import type { FaultAction, Subject } from '../../emulator/faults.ts'
import { startReceiver } from '../../fixtures/receiver.ts'
import { quick, startSalesforce, type TestSalesforce } from '../../fixtures/salesforce.ts'

let salesforce: TestSalesforce
beforeAll(async () => {
  salesforce = await startSalesforce({
    orgs: [{ name: 'prod' }, { name: 'second' }],
    config: { environment: { [webhooksName]: 'anywhere' } },
  })
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
      expiresAt: null,
      apiUsage: { limit: 100_000, percent: 0 },
      packages: [],
    })
  })

  it('renews a session that has ended, and finds the org well', async () => {
    const expiresAt = expect.stringMatching(/^\d{4}-.*Z$/)
    expect(await seen(expiredSession, 1)).toMatchObject({ status: 'active', changed: false, expiresAt })
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

  it('says when Salesforce works on the instance, and takes it for no fault that the org gives no answer then', async () => {
    const org = salesforce.org('second')
    const hour = 3_600_000
    const statusUrl = org.url
    const ask = (more: object = {}) => look({ org: 'second', checks: ['maintenance'], statusUrl, ...more })
    const now = Date.now()
    org.maintenances.push({ name: 'to come', from: now + 5 * hour, to: now + 6 * hour })
    org.maintenances.push({ name: 'over', from: now - 6 * hour, to: now - 5 * hour })
    const windows = [{ name: 'to come', startsAt: new Date(now + 5 * hour).toISOString() }]
    const task = await salesforce.run(ask())
    expect(healthOf(task)).toMatchObject({ status: 'active', maintenance: { instance: 'EMU1', windows } })
    org.maintenances.push({ name: 'release', from: now - hour, to: now + hour })
    const isLimits = ({ path }: Subject) => path.endsWith('/limits')
    salesforce.emulator.faults.add({ match: isLimits, times: Number.POSITIVE_INFINITY, action: maintenance })
    const told = healthOf(await salesforce.run(ask()))
    expect(told).toMatchObject({ status: 'maintenance', changed: true, previous: 'active', doubts: 0 })
    expect(told?.lastError).toMatch(/^release until .*: org second, while reading the limits: Salesforce answered 503/)
    salesforce.emulator.faults.clear()
    const unknown = await salesforce.run(ask({ statusUrl: 'http://127.0.0.1:1' }))
    expect(healthOf(unknown)).toMatchObject({
      status: 'active',
      changed: true,
      previous: 'maintenance',
      maintenance: null,
    })
    expect((await salesforce.mayfly.texts(unknown.id)).join('\n')).toContain(
      'when Salesforce works on EMU1 is not known',
    )
    expect((await salesforce.run(ask({ statusUrl: 'http://example.com' }))).error).toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('statusUrl is no https URL'),
    })
  })

  it('tells a webhook of changes, and waits for nobody', async () => {
    const receiver = await startReceiver()
    await salesforce.store('webhook/team/url', receiver.url)
    const ask = () => look({ orgs: ['second'], notify: 'team' })
    expect(await salesforce.run(ask())).toMatchObject({ state: 'succeeded' })
    receiver.answers.push(503)
    const isLimits = ({ path }: Subject) => path.endsWith('/limits')
    salesforce.emulator.faults.add({ match: isLimits, times: 2, action: dailyLimit })
    for (let looks = 0; looks < 2; looks++)
      expect(await salesforce.run(ask())).toMatchObject({ result: { statuses: { limited: 1 } } })
    expect(await salesforce.run(ask())).toMatchObject({ result: { statuses: { active: 1 } } })
    await receiver.until(3)
    await receiver.close()
    const told = receiver.received.map(({ body }) => JSON.parse(body) as { type: string; data: object })
    expect(told.map(({ type }) => type)).toEqual(['org.health', 'org.health', 'org.health'])
    const states = told.map(({ data }) => data as { status: string; previous: string; lastError: string | null })
    const by = (status: string) => states.filter((one) => one.status === status)
    expect(by('limited')).toHaveLength(2)
    expect(by('limited')[0]).toMatchObject({ org: 'second', previous: 'active', status: 'limited' })
    expect(by('active')[0]).toMatchObject({ org: 'second', previous: 'limited', status: 'active' })
    const unstored = await salesforce.run(look({ org: 'second', notify: 'nobody' }))
    expect(unstored).toMatchObject({ state: 'succeeded', error: null })
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
