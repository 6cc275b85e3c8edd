/** Sandboxes: copied for as long as it takes without a process in between, adopted by their names, opened when they are there. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../src/task/json.ts'
import type { EnvResult } from '../../../workers/environments/input.ts'
import { lostResponse, maintenance, resetBeforeHeaders } from '../../emulator/fault-actions.ts'
import type { Subject } from '../../emulator/faults.ts'
import type { EmulatedOrg } from '../../emulator/org.ts'
import { quick, startSalesforce, type TestSalesforce } from '../../fixtures/salesforce.ts'
import { alsoInMatrix } from './support/also-in-matrix.ts'

let salesforce: TestSalesforce
let prod: EmulatedOrg

beforeAll(async () => {
  salesforce = await startSalesforce()
  prod = salesforce.org('prod')
  prod.sandboxes.pace.copying = 2
})

afterEach(() => {
  expect(salesforce.emulator.faults.waiting).toBe(0)
  prod.sandboxes.pace.waiting = 1
})

afterAll(() => salesforce.close())

const group = '00G000000000001'

function ask(name: string, sandbox: JsonObject = {}, more: JsonObject = {}) {
  const wanted = { action: 'create', name, licenseType: 'DEVELOPER', activationUserGroupId: group, ...sandbox }
  return { kind: 'env.prepare', input: { org: 'prod', alias: name, sandbox: wanted, ...quick, ...more } }
}

const processes = (name: string) => prod.rows.all('SandboxProcess').filter(({ SandboxName }) => SandboxName === name)
const isCreation = ({ method, path }: Subject) => method === 'POST' && path.endsWith('/SandboxInfo')
const isLook = ({ url }: Subject) => /FROM(%20|\+)SandboxProcess/.test(url)

describe('env.prepare of a sandbox', () => {
  it('copies it with a percent that Salesforce gives and no process between looks, and opens it', async () => {
    prod.rows.insert('PermissionSet', { Name: 'Testers' })
    const task = await salesforce.run(ask('dev', {}, { apex: ['Integer a;'] }))
    expect([task.state, task.error]).toEqual(['succeeded', null])
    const sandbox = prod.sandboxes.orgNamed('dev')
    expect(task.result).toMatchObject({
      state: 'ready',
      username: sandbox.username,
      loginUrl: sandbox.url,
      expires: null,
    })
    expect(sandbox.anonymousApex).toEqual(['Integer a;'])
    const events = await salesforce.mayfly.events(task.id)
    const copied = events.filter(({ data }) => data.phase === 'copying the sandbox').map(({ data }) => data.percent)
    expect(copied).toEqual([0, 0, 50, 100])
    expect(events.filter(({ type }) => type === 'task.suspended').length).toBeGreaterThanOrEqual(4)
    expect(JSON.stringify([task, events])).not.toMatch(/aPrx|5Aep|!AQ/)
  })

  it('is opened in another way when the answer to the first is lost', async () => {
    salesforce.emulator.faults.add({ match: ({ call }) => call === 'authorization_code', action: lostResponse })
    const task = await salesforce.run(ask('lost'))
    expect([task.state, task.error]).toEqual(['succeeded', null])
  })

  it('is refused at once where there is one of this name, or none', async () => {
    const twice = await salesforce.run(ask('dev'))
    expect(twice.error?.message).toBe('org prod has a sandbox dev already: refresh it, or delete it first')
    const none = await salesforce.run(ask('none', { action: 'refresh' }))
    expect(none.error?.message).toBe('org prod has no sandbox none: create it first')
    const refused = await salesforce.run(
      ask('bad', { licenseType: 'PARTIAL', apexClassId: group, name: 'dev', action: 'clone' }),
    )
    expect(refused.error?.message).toBe('to clone a sandbox, name it as sourceSandbox')
  })

  it('is refreshed once whatever is lost, waits to be activated, and is deleted', async () => {
    const before = prod.sandboxes.orgNamed('dev')
    salesforce.emulator.faults.add({ match: ({ method }) => method === 'PATCH', action: lostResponse })
    const waiting = await salesforce.run(ask('dev', { action: 'refresh', autoActivate: false }))
    expect(waiting.result).toMatchObject({ state: 'pending activation', orgId: null })
    expect(processes('dev')).toHaveLength(2)
    expect(prod.sandboxes.orgNamed('dev')).toBe(before)
    const active = await salesforce.run(ask('dev', { action: 'activate' }))
    const { orgId } = active.result as unknown as EnvResult
    expect([before.isGone, orgId]).toEqual([true, prod.sandboxes.orgNamed('dev').id.slice(0, 15)])
    const gone = await salesforce.run(ask('dev', { action: 'delete' }))
    expect(gone.result).toMatchObject({ state: 'deleted', steps: [{ name: 'create' }] })
    expect(() => prod.sandboxes.orgNamed('dev')).toThrow('There is no sandbox dev')
  })

  alsoInMatrix(
    'is made once when its worker dies or nobody hears the answer, and looked at through what comes between',
    {
      timeout: 120_000,
    },
    async () => {
      const undone = await salesforce.runKilled(ask('k1'), { match: isCreation })
      const done = await salesforce.runKilled(ask('k2'), { match: isCreation, isDone: true })
      const watched = await salesforce.runKilled(ask('k3'), { match: isLook, times: 2 })
      salesforce.emulator.faults.add({ match: isCreation, action: lostResponse })
      for (const action of [maintenance, resetBeforeHeaders])
        salesforce.emulator.faults.add({ match: isLook, action, times: 6 })
      const lost = await salesforce.run(ask('k4'))
      expect([undone, done, watched, lost].map(({ state }) => state)).toEqual(Array(4).fill('succeeded'))
      expect(['k1', 'k2', 'k3', 'k4'].map((name) => processes(name).length)).toEqual([1, 1, 1, 1])
    },
  )

  it('that Salesforce stops fails; another is a clone of one that is there', async () => {
    prod.sandboxes.failNext('Stopped')
    const stopped = await salesforce.run(ask('stop'))
    expect(stopped.error).toMatchObject({
      code: 'SANDBOX_FAILED',
      message: expect.stringMatching(/^org prod: the sandbox stop \(0GR\w+\) is Stopped. Setup → Sandboxes/),
    })
    prod.sandboxes.orgNamed('lost').metadata.add({ 'classes/Own.cls': 'class Own {}' })
    const clone = { action: 'clone', sourceSandbox: 'lost' }
    expect(await salesforce.run(ask('clone', clone))).toMatchObject({ state: 'succeeded' })
    expect(prod.sandboxes.orgNamed('clone').metadata.get('ApexClass', 'Own')).toBeDefined()
  })

  it('goes on when the orchestrator starts again, and stays when it is cancelled, unless it is told otherwise', {
    timeout: 120_000,
  }, async () => {
    prod.sandboxes.pace.waiting = 1_000_000
    const { id } = await salesforce.runUntil(ask('r1', {}, { pollSeconds: 0.2 }), isLook)
    await salesforce.mayfly.untilType(id, 'task.suspended')
    await salesforce.restart()
    prod.sandboxes.pace.waiting = 1
    const { mayfly } = salesforce
    expect(await mayfly.settled(id)).toMatchObject({ state: 'succeeded' })
    expect(processes('r1')).toHaveLength(1)
    prod.sandboxes.pace.waiting = 1_000_000
    const kept = await salesforce.runUntil(ask('c1', {}, { pollSeconds: 0.2 }), isLook)
    await mayfly.cancel(kept.id)
    await mayfly.untilText(kept.id, 'the sandbox c1 goes on in the org, until the action delete removes it')
    const deleted = await salesforce.runUntil(ask('c2', {}, { pollSeconds: 0.2, onFailure: 'delete' }), isLook)
    await mayfly.cancel(deleted.id)
    await mayfly.untilText(deleted.id, 'the sandbox c2 is deleted')
    expect(['c1', 'c2'].map((name) => processes(name).at(-1)?.Status)).toEqual(['Pending', 'Deleted'])
  })
})
