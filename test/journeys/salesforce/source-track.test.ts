import { unzipSync } from 'fflate'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { ContractTask } from '../../../src/contract/task.ts'
import type { JsonObject } from '../../../src/task/json.ts'
import type { TrackResult } from '../../../workers/tracking/input.ts'
import {
  concurrentLimit,
  dailyLimit,
  expiredSession,
  lostResponse,
  maintenance,
  resetBeforeHeaders,
  resetMidBody,
} from '../../emulator/fault-actions.ts'
import type { Subject } from '../../emulator/faults.ts'
import { quick, startSalesforce, type TestSalesforce } from '../../fixtures/salesforce.ts'
import { alsoInMatrix } from './support/also-in-matrix.ts'

let salesforce: TestSalesforce

beforeAll(async () => {
  salesforce = await startSalesforce({
    orgs: [{ name: 'dev' }, { name: 'plain', tracksSource: false }],
    config: { sharedSlots: 2, criticalSlots: 0, preemption: { exemptSeconds: 0, most: 1 } },
  })
})

afterEach(() => {
  expect(salesforce.emulator.faults.waiting).toBe(0)
  salesforce.org('dev').retrievals.pace.polls = 2
  salesforce.org('dev').retrievals.limits.maxFiles = 10_000
})

afterAll(() => salesforce.close())

function ask(action: string, input: JsonObject = {}, more: object = {}) {
  return { kind: 'source.track', input: { org: 'dev', action, ...quick, ...input }, ...more }
}

function write(name: string, body = `class ${name} {}`, org = 'dev') {
  const meta = '<ApexClass xmlns="http://soap.sforce.com/2006/04/metadata"><apiVersion>62.0</apiVersion></ApexClass>'
  salesforce.org(org).metadata.add({ [`classes/${name}.cls`]: body, [`classes/${name}.cls-meta.xml`]: meta })
}

async function tracked(request: Promise<ContractTask>) {
  const task = await request
  expect([task.state, task.error]).toEqual(['succeeded', null])
  const result = task.result as unknown as TrackResult
  const changes = result.changes.map(({ change, type, name }) => `${change} ${type} ${name}`)
  return { ...result, task, changes: changes.toSorted() }
}

async function unzipped({ id }: ContractTask, name = 'source.zip'): Promise<Record<string, string>> {
  const response = await salesforce.mayfly.call('GET', `/tasks/${id}/artifacts/${name}`)
  const files = unzipSync(new Uint8Array(await response.arrayBuffer()))
  return Object.fromEntries(Object.entries(files).map(([path, bytes]) => [path, Buffer.from(bytes).toString()]))
}

const isCall = (name: string) => (subject: Subject) => subject.call === name
const isLook = isCall('checkRetrieveStatus')
const retrieves = () => [...salesforce.org('dev').retrievals].length

describe('source.track', () => {
  it('says what has changed, brings it, and begins anew from there', async () => {
    write('First')
    write('Second')
    expect((await tracked(salesforce.run(ask('preview')))).changes).toEqual([
      'added ApexClass First',
      'added ApexClass Second',
    ])
    const { task, advanced, zips, until } = await tracked(salesforce.run(ask('retrieve')))
    expect([advanced, zips]).toEqual([true, [{ artifact: 'source.zip', files: 2, bytes: expect.any(Number) }]])
    const files = await unzipped(task)
    expect(files['unpackaged/classes/First.cls']).toBe('class First {}')
    expect(files['unpackaged/package.xml']).toContain('<members>Second</members>')
    write('Second', 'class Second { Integer more; }')
    salesforce.org('dev').metadata.remove({ type: 'ApexClass', fullName: 'First' })
    const next = await tracked(salesforce.run(ask('retrieve')))
    expect([next.changes, next.since]).toEqual([['changed ApexClass Second', 'deleted ApexClass First'], until])
    const destructive = await salesforce.mayfly.call('GET', `/tasks/${next.task.id}/artifacts/destructiveChanges.xml`)
    expect(await destructive.text()).toContain('<members>First</members>')
    expect(await tracked(salesforce.run(ask('retrieve')))).toMatchObject({ changes: [], total: 0, zips: [] })
    expect((await tracked(salesforce.run(ask('preview', { since: 0 })))).total).toBe(2)
  })

  it('brings some types alone, and leaves the others for later; reset forgets them', async () => {
    write('Third')
    salesforce.org('dev').metadata.add({ 'labels/CustomLabels.labels': '<CustomLabels/>' })
    const some = await tracked(salesforce.run(ask('retrieve', { types: ['ApexClass'] })))
    expect([some.changes, some.advanced]).toEqual([['added ApexClass Third'], false])
    expect((await tracked(salesforce.run(ask('preview')))).total).toBe(2)
    await tracked(salesforce.run(ask('reset')))
    expect((await tracked(salesforce.run(ask('preview')))).total).toBe(0)
  })

  it('finds changes by their dates in an org that does not track them', async () => {
    write('Old', undefined, 'plain')
    const types = { org: 'plain', types: ['ApexClass', 'CustomLabels'] }
    const first = await salesforce.run(ask('reset', { org: 'plain' }))
    expect(first.result).toMatchObject({ by: 'dates', since: null, until: null, advanced: true })
    expect((await salesforce.mayfly.texts(first.id, 'log')).join('\n')).toContain('does not track its source')
    write('New', undefined, 'plain')
    expect((await tracked(salesforce.run(ask('preview', types)))).changes).toEqual(['added ApexClass New'])
    const { task } = await tracked(salesforce.run(ask('retrieve', { org: 'plain' })))
    expect(Object.keys(await unzipped(task))).toContain('unpackaged/classes/New.cls')
    expect((await tracked(salesforce.run(ask('preview', { org: 'plain' })))).changes).toEqual([])
  })

  it('halves what the org does not give at once', async () => {
    for (const name of ['H1', 'H2', 'H3']) write(name)
    salesforce.org('dev').retrievals.limits.maxFiles = 4
    const { task, zips } = await tracked(salesforce.run(ask('retrieve')))
    expect(zips.map(({ artifact, files }) => [artifact, files])).toEqual([
      ['source.zip', 2],
      ['source-2.zip', 1],
    ])
    expect(Object.keys(await unzipped(task, 'source-2.zip'))).toContain('unpackaged/classes/H3.cls')
  })

  it('retrieves once when its worker dies or an answer is cut short, and looks again through whatever comes', async () => {
    write('Killed')
    const before = retrieves()
    const killed = await salesforce.runKilled(ask('retrieve'), { match: isLook, times: 2 })
    expect([killed.state, killed.attempt, retrieves() - before]).toEqual(['succeeded', 3, 1])
    expect(killed.result).toMatchObject({ total: 1, zips: [{ files: 1 }], advanced: true })
    write('Faulty')
    const { faults } = salesforce.emulator
    for (const action of [maintenance, resetBeforeHeaders, resetMidBody(200), concurrentLimit, expiredSession])
      faults.add({ match: isLook, action })
    faults.add({ match: isLook, action: dailyLimit })
    const task = await salesforce.run(ask('retrieve', { limitWaitSeconds: 0.05 }))
    expect([task.state, task.attempt, retrieves() - before]).toEqual(['succeeded', 3, 2])
  })

  it('asks again when nobody knows whether the org has heard it, which does no harm', async () => {
    write('Lost')
    salesforce.emulator.faults.add({ match: isCall('retrieve'), action: lostResponse })
    const lost = await tracked(salesforce.run(ask('retrieve')))
    expect(lost.changes).toEqual(['added ApexClass Lost'])
    write('Dead')
    const dead = await salesforce.runKilled(ask('retrieve'), { match: isCall('retrieve'), isDone: true })
    expect(dead.result).toMatchObject({ total: 1, zips: [{ files: 1 }] })
  })

  alsoInMatrix(
    'goes on when the orchestrator starts again and when it makes way, and ends when it is cancelled',
    async () => {
      write('Restarted')
      const before = retrieves()
      salesforce.org('dev').retrievals.pace.polls = 1_000_000
      const { id } = await salesforce.runUntil(ask('retrieve', {}, { pool: 'batch' }), isLook)
      await salesforce.restart()
      const { mayfly } = salesforce
      const other = await mayfly.submit({ kind: 'exec', input: { command: ['sleep', '300'] } })
      await mayfly.until(id, ({ type, attempt }) => type === 'task.progress' && attempt === 2)
      await mayfly.run({ kind: 'exec', pool: 'critical', input: { command: ['true'] } })
      await mayfly.until(id, ({ type, data }) => type === 'task.requeued' && data.cause === 'preempted')
      salesforce.org('dev').retrievals.pace.polls = 2
      expect(await mayfly.settled(id)).toMatchObject({ state: 'succeeded', result: { total: 1 } })
      await mayfly.cancel(other.id)
      expect(retrieves() - before).toBe(1)
      write('Cancelled')
      salesforce.org('dev').retrievals.pace.polls = 1_000_000
      const cancelled = await salesforce.runUntil(ask('retrieve'), isLook)
      await mayfly.cancel(cancelled.id)
      expect(await mayfly.settled(cancelled.id)).toMatchObject({ state: 'cancelled' })
      salesforce.org('dev').retrievals.pace.polls = 2
      expect((await tracked(salesforce.run(ask('preview')))).changes).toEqual(['added ApexClass Cancelled'])
    },
  )
})
