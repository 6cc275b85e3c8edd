import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../src/task/json.ts'
import type { CheckResult } from '../../../workers/org-config/input.ts'
import {
  concurrentLimit,
  dailyLimit,
  expiredSession,
  maintenance,
  refusedWith,
  resetMidBody,
  stall,
} from '../../emulator/fault-actions.ts'
import type { Subject } from '../../emulator/faults.ts'
import type { EmulatedOrg } from '../../emulator/org.ts'
import { quick, startSalesforce, type TestSalesforce } from '../../fixtures/salesforce.ts'
import { alsoInMatrix } from './support/also-in-matrix.ts'

let salesforce: TestSalesforce
let org: EmulatedOrg

beforeAll(async () => {
  salesforce = await startSalesforce({ config: { sharedSlots: 2, criticalSlots: 0, preemption } })
  org = salesforce.org('prod')
  org.metadata.add({
    'classes/Old.cls': 'class Old {}',
    'classes/Old.cls-meta.xml': '<ApexClass><apiVersion>30.0</apiVersion></ApexClass>',
  })
  const [{ Id } = { Id: '' }] = org.rows.all('ApexOrgWideCoverage')
  org.rows.update('ApexOrgWideCoverage', Id, { PercentCovered: 60 })
})

afterEach(() => {
  expect(salesforce.emulator.faults.waiting).toBe(0)
})

afterAll(() => salesforce.close())

const preemption = { exemptSeconds: 0, most: 1 }

function ask(input: JsonObject = {}, more: object = {}) {
  return { kind: 'config.check', input: { org: 'prod', failOn: 'never', ...quick, ...input }, ...more }
}

const asks = (object: string) => (subject: Subject) => decodeURIComponent(subject.url).includes(`FROM ${object}`)

describe('config.check', () => {
  it('says what is not as it should be, by what, and how many calls that took', async () => {
    const task = await salesforce.run(ask())
    expect([task.state, task.error]).toEqual(['succeeded', null])
    const { about, findings, rules, apiUsage } = task.result as unknown as CheckResult
    expect(about).toEqual({ name: 'prod', type: 'Developer Edition', isSandbox: true, instance: 'EMU1' })
    expect(findings.map(({ rule, severity, actual }) => [rule, severity, actual])).toEqual([
      ['apex/api-version', 'warning', 1],
      ['apex/coverage', 'error', 60],
    ])
    expect(findings[0]).toMatchObject({ expected: 'no classes below 50.0', evidence: ['Old 30.0'] })
    expect(rules.filter(({ outcome }) => outcome === 'unknown')).toEqual([])
    expect(apiUsage.calls).toBeLessThanOrEqual(15)
    const artifact = async (name: string) =>
      (await salesforce.mayfly.call('GET', `/tasks/${task.id}/artifacts/${name}`)).text()
    expect(JSON.parse(await artifact('config.check.json'))).toEqual(findings)
    expect(await artifact('junit.xml')).toContain('name="apex/coverage" time="0"><failure')
    expect(await artifact('summary.md')).toContain('| apex/coverage | error | 60 | at least 75 % |')
  })

  it('fails for what it finds, as it is told to', async () => {
    const failed = await salesforce.run(ask({ failOn: 'error', rules: ['apex/coverage', 'org/trial'] }))
    expect(failed.error).toMatchObject({
      code: 'CONFIG_FINDINGS',
      retryable: false,
      message:
        'org prod: 1 of 2 rules found something: apex/coverage: 60, expected at least 75 %. Run all tests (apex.test), and write those that are missing.',
    })
    const thresholds = { coveragePct: 60 }
    expect(await salesforce.run(ask({ failOn: 'error', thresholds }))).toMatchObject({ state: 'succeeded' })
  })

  it('knows nothing of a rule whose table is missing or may not be seen, and goes on with the others', async () => {
    const { faults } = salesforce.emulator
    const missing = refusedWith(400, 'INVALID_TYPE', "sObject type 'Certificate' is not supported.")
    faults.add({ match: asks('Certificate'), action: missing })
    const barred = refusedWith(403, 'INSUFFICIENT_ACCESS', 'insufficient access rights on object')
    faults.add({ match: asks('SecurityHealthCheckRisks'), action: barred })
    const { rules } = (await salesforce.run(ask())).result as unknown as CheckResult
    expect(rules.filter(({ outcome }) => outcome === 'unknown')).toEqual([
      { rule: 'security/high-risks', outcome: 'unknown', why: expect.stringContaining('INSUFFICIENT_ACCESS') },
      { rule: 'certificates/expiry', outcome: 'unknown', why: expect.stringContaining('INVALID_TYPE') },
    ])
    faults.add({ match: asks('User'), action: refusedWith(403, 'API_DISABLED_FOR_ORG', 'API is disabled') })
    expect((await salesforce.run(ask())).error).toMatchObject({ code: 'AUTH_INVALID' })
  })

  alsoInMatrix(
    'goes on through what comes between, with a new session, and later where the day is used up',
    async () => {
      const { faults } = salesforce.emulator
      for (const action of [maintenance, resetMidBody(20), concurrentLimit]) faults.add({ match: asks('User'), action })
      faults.add({ match: asks('Organization'), action: expiredSession })
      faults.add({ match: asks('SetupAuditTrail'), action: dailyLimit })
      const task = await salesforce.run(ask({ limitWaitSeconds: 0.05 }))
      expect([task.state, task.attempt]).toEqual(['succeeded', 3])
    },
  )

  it('begins anew when its worker dies, when the orchestrator starts again, and when it makes way', async () => {
    const killed = await salesforce.runKilled(ask(), { match: asks('FlowDefinitionView') })
    expect([killed.state, killed.attempt]).toEqual(['succeeded', 2])
    salesforce.emulator.faults.add({ match: asks('User'), action: stall(), times: Infinity })
    const { id } = await salesforce.runUntil(ask({}, { pool: 'batch' }), asks('Organization'))
    await salesforce.restart()
    const { mayfly } = salesforce
    const other = await mayfly.submit({ kind: 'exec', input: { command: ['sleep', '300'] } })
    await mayfly.until(id, ({ attempt, data }) => attempt === 2 && data.message === 'users/idle')
    await mayfly.run({ kind: 'exec', pool: 'critical', input: { command: ['true'] } })
    await mayfly.until(id, ({ type, data }) => type === 'task.requeued' && data.cause === 'preempted')
    salesforce.emulator.faults.clear()
    expect(await mayfly.settled(id)).toMatchObject({ state: 'succeeded', preemptions: 1 })
    await mayfly.cancel(other.id)
  })

  it('ends at once when it is cancelled', async () => {
    salesforce.emulator.faults.add({ match: asks('User'), action: stall() })
    const { id } = await salesforce.mayfly.submit(ask())
    await salesforce.mayfly.until(id, ({ data }) => data.message === 'users/idle')
    await salesforce.mayfly.cancel(id)
    expect(await salesforce.mayfly.settled(id)).toMatchObject({ state: 'cancelled' })
  })
})
