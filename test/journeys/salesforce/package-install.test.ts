import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../src/task/json.ts'
import type { InstallResult } from '../../../workers/packages/input.ts'
import {
  concurrentLimit,
  dailyLimit,
  lostResponse,
  maintenance,
  poisonedPoll,
  resetBeforeHeaders,
  resetMidBody,
} from '../../emulator/fault-actions.ts'
import type { Subject } from '../../emulator/faults.ts'
import type { EmulatedOrg } from '../../emulator/org.ts'
import { quick, startSalesforce, type TestSalesforce } from '../../fixtures/salesforce.ts'
import { alsoInMatrix } from './support/also-in-matrix.ts'

let salesforce: TestSalesforce
let org: EmulatedOrg
let number = 0

beforeAll(async () => {
  salesforce = await startSalesforce({ config: twoSlots })
  org = salesforce.org('prod')
  await salesforce.store('packages/key', "it's \\ secret")
})

afterEach(() => {
  expect(salesforce.emulator.faults.waiting).toBe(0)
  org.packages.pace.installing = 2
})

afterAll(() => salesforce.close())

const twoSlots = { sharedSlots: 2, criticalSlots: 0, preemption: { exemptSeconds: 0, most: 1 } }
const secrets = { installationKey: 'vault:packages/key' }

function ask(versions: readonly (string | JsonObject)[], input: JsonObject = {}, more: object = {}) {
  const packages = versions.map((one) => (typeof one === 'string' ? { versionId: one } : one))
  const retry = { maxAttempts: 5, backoffSeconds: 0.05 }
  return { kind: 'package.install', input: { org: 'prod', packages, ...quick, ...input }, retry, ...more }
}

const publish = (more: object = {}) => org.packages.publish({ name: `Package ${++number}`, ...more })
const requestsOf = (version: string) =>
  org.rows.all('PackageInstallRequest').filter((row) => row.SubscriberPackageVersionKey === version)
const statesOf = (version: string) => requestsOf(version).map(({ Status }) => Status)
const isInstalled = (version: string) =>
  org.rows.all('InstalledSubscriberPackage').some((row) => row.SubscriberPackageVersionId === version)

const isSubmission = ({ method, path }: Subject) => method === 'POST' && path.endsWith('/PackageInstallRequest')
const isLook = ({ method, path }: Subject) => method === 'GET' && /PackageInstallRequest\/0Hf/.test(path)

describe('package.install', () => {
  it('installs in order, with keys, waits for what is new, and skips what is there', async () => {
    const present = publish()
    await salesforce.run(ask([present]))
    const [locked, late] = [publish({ installationKey: "it's \\ secret" }), publish({ unavailableLooks: 2 })]
    const wanted = [present, { versionId: locked, installationKey: 'installationKey' }, late]
    const task = await salesforce.run(ask(wanted, { publishWaitSeconds: 60 }, { secrets }))
    expect([task.state, task.error]).toEqual(['succeeded', null])
    const result = task.result as unknown as InstallResult
    expect(result.packages.map(({ versionId, outcome }) => [versionId, outcome])).toEqual([
      [present, 'skipped'],
      [locked, 'installed'],
      [late, 'installed'],
    ])
    expect(result.packages[1]).toMatchObject({ name: 'Package 2 1.0.0.1', requestId: requestsOf(locked)[0]?.Id })
    expect([requestsOf(present).length, isInstalled(locked), isInstalled(late)]).toEqual([1, true, true])
    expect(requestsOf(locked)[0]).toMatchObject({ NameConflictResolution: 'Block', SecurityType: 'None' })
    const progress = (await salesforce.mayfly.events(task.id)).filter(({ type }) => type === 'task.progress')
    const phases = new Set(progress.map(({ data }) => data.phase))
    expect(phases).toEqual(new Set(['installing', 'waiting for the package to be published']))
    expect(progress.every(({ data }) => data.percent === null)).toBe(true)
    const summary = await salesforce.mayfly.call('GET', `/tasks/${task.id}/artifacts/summary.md`)
    expect(await summary.text()).toContain(`| Package 2 1.0.0.1 | ${locked} | installed |`)
  })

  it('installs what is there once more where it is told to', async () => {
    const version = publish()
    await salesforce.run(ask([version]))
    expect(await salesforce.run(ask([version], { ifInstalled: 'reinstall' }))).toMatchObject({ state: 'succeeded' })
    expect(statesOf(version)).toEqual(['SUCCESS', 'SUCCESS'])
  })

  it('fails with what Salesforce says, and before a request where that is known', async () => {
    const version = publish()
    org.packages.failNextInstall('Missing feature: Person accounts must be enabled')
    const failed = await salesforce.run(ask([version]))
    expect(failed.error).toMatchObject({
      code: 'INSTALL_FAILED',
      message: `org prod: the installation ${requestsOf(version)[0]?.Id} of Package 5 1.0.0.1 (${version}) failed: Missing feature: Person accounts must be enabled. Correct what Salesforce names and submit again.`,
    })
    const locked = publish({ installationKey: 'another' })
    const wrong = ask([{ versionId: locked, installationKey: 'installationKey' }], {}, { secrets })
    expect((await salesforce.run(wrong)).error).toMatchObject({
      code: 'PACKAGE_UNAVAILABLE',
      message: expect.stringContaining('look at the id and at the key'),
    })
    expect(requestsOf(locked)).toEqual([])
    const unnamed = await salesforce.run(ask([{ versionId: locked, installationKey: 'installationKey3' }]))
    expect(unnamed.error?.message).toContain('needs the secret installationKey3')
  })

  it('tries again with a new request when something passing was in its way', async () => {
    const version = publish()
    org.packages.failNextInstall('UNABLE_TO_LOCK_ROW: unable to obtain exclusive access')
    org.packages.failNextInstall('UNKNOWN_EXCEPTION: An unexpected error occurred')
    const task = await salesforce.run(ask([version]))
    expect([task.state, statesOf(version)]).toEqual(['succeeded', ['ERROR', 'ERROR', 'SUCCESS']])
  })

  it('waits while the org installs something else', async () => {
    const [other, version] = [publish(), publish()]
    const foreign = org.rows.insert('PackageInstallRequest', { SubscriberPackageVersionKey: other })
    const { id } = await salesforce.runUntil(ask([version]), isSubmission)
    await salesforce.mayfly.untilType(id, 'task.suspended')
    org.rows.update('PackageInstallRequest', foreign, { Status: 'SUCCESS' })
    expect(await salesforce.mayfly.settled(id)).toMatchObject({ state: 'succeeded' })
    expect(statesOf(version)).toEqual(['SUCCESS'])
  })

  it('makes one request when its worker dies at the submission, and at the looks', async () => {
    const version = publish()
    const early = await salesforce.runKilled(ask([version]), { match: isSubmission })
    expect([early.state, early.attempt, statesOf(version)]).toEqual(['succeeded', 2, ['SUCCESS']])
    const done = publish()
    const adopted = await salesforce.runKilled(ask([done]), { match: isSubmission, isDone: true })
    expect([adopted.state, adopted.attempt, statesOf(done)]).toEqual(['succeeded', 2, ['SUCCESS']])
    const another = publish()
    const late = await salesforce.runKilled(ask([publish(), another]), { match: isLook, times: 2, after: 4 })
    expect([late.state, late.attempt, statesOf(another)]).toEqual(['succeeded', 3, ['SUCCESS']])
  })

  alsoInMatrix('makes one request when the answer to it is lost, or nothing arrived', async () => {
    const [lost, never] = [publish(), publish()]
    salesforce.emulator.faults.add({ match: isSubmission, action: lostResponse })
    salesforce.emulator.faults.add({ match: isSubmission, action: resetBeforeHeaders })
    expect(await salesforce.run(ask([lost, never]))).toMatchObject({ state: 'succeeded', attempt: 1 })
    expect([statesOf(lost), statesOf(never)]).toEqual([['SUCCESS'], ['SUCCESS']])
  })

  alsoInMatrix('looks again through whatever comes between, and later where the day is used up', async () => {
    const version = publish()
    for (const action of [maintenance, resetBeforeHeaders, resetMidBody(20), concurrentLimit, dailyLimit])
      salesforce.emulator.faults.add({ match: isLook, action })
    const task = await salesforce.run(ask([version], { limitWaitSeconds: 0.05 }))
    expect([task.state, task.attempt, statesOf(version)]).toEqual(['succeeded', 2, ['SUCCESS']])
    salesforce.emulator.faults.add({ match: isLook, action: poisonedPoll })
    const unknown = await salesforce.run(ask([publish()]))
    expect(unknown.error?.message).toMatch(
      /^org prod, while looking at the installation of Package \d+ 1.0.0.1 0Hf\w+: Salesforce answered 404/,
    )
    for (const { Id } of org.rows.all('PackageInstallRequest')) org.rows.update('PackageInstallRequest', Id, over)
  })

  alsoInMatrix('goes on when the orchestrator starts again, when its session ends, and when it makes way', async () => {
    const version = publish()
    org.packages.pace.installing = 1_000_000
    const { id } = await salesforce.runUntil(ask([version], {}, { pool: 'batch' }), isLook)
    await salesforce.restart()
    const { mayfly } = salesforce
    await mayfly.until(id, ({ type, attempt }) => type === 'task.progress' && attempt === 2)
    org.expireSessions()
    await mayfly.untilType(id, 'task.suspended')
    const other = await mayfly.submit({ kind: 'exec', input: { command: ['sleep', '300'] } })
    await mayfly.until(id, ({ type, attempt }) => type === 'task.progress' && attempt === 3)
    await mayfly.run({ kind: 'exec', pool: 'critical', input: { command: ['true'] } })
    await mayfly.until(id, ({ type, data }) => type === 'task.requeued' && data.cause === 'preempted')
    org.packages.pace.installing = 2
    expect(await mayfly.settled(id)).toMatchObject({ state: 'succeeded' })
    await mayfly.cancel(other.id)
    expect(statesOf(version)).toEqual(['SUCCESS'])
  })

  it('that is cancelled says that the installation goes on in the org, and how it ended', async () => {
    const version = publish()
    org.packages.pace.installing = 1_000_000
    const { id } = await salesforce.runUntil(ask([version]), isLook)
    await salesforce.mayfly.cancel(id)
    await salesforce.mayfly.untilText(id, 'Salesforce cannot stop it, it goes on')
    org.packages.pace.installing = 2
    expect(await salesforce.mayfly.settled(id)).toMatchObject({ state: 'cancelled' })
    await salesforce.mayfly.untilText(id, 'ended as SUCCESS')
    expect(isInstalled(version)).toBe(true)
  })
})

const over = { Status: 'SUCCESS' }
