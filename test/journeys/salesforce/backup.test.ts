import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ContractTask } from '../../../src/contract/task.ts'
import type { BackupResult } from '../../../workers/backup/make/result.ts'
import { Source } from '../../../workers/backup/restore/source.ts'
import { readStore } from '../../../workers/backup/store.ts'
import {
  dailyLimit,
  expiredSession,
  malformedCsv,
  refusedWith,
  resetMidBody,
  slowJob,
} from '../../emulator/fault-actions.ts'
import type { Subject } from '../../emulator/faults.ts'
import { quick, startSalesforce, type TestSalesforce } from '../../fixtures/salesforce.ts'
import { alsoInMatrix } from './support/also-in-matrix.ts'
import { backedUp, defineWorld, fillWorld, objects } from './support/world.ts'

const rows = 110
/** Small enough for an attempt, large enough for a job in the org. */
const large = 2_100

// Each of its tasks is some attempts of a process each, on a machine that may be busy.
describe('org.backup', { timeout: 120_000 }, () => {
  let sf: TestSalesforce
  /** How much later it is in the org: what is of this second belongs to the next backup. */
  let laterMs = 0
  beforeAll(async () => {
    sf = await startSalesforce({
      orgs: [{ name: 'prod', now: () => Date.now() + laterMs }, { name: 'empty' }],
      config: { sharedSlots: 1, preemption: { exemptSeconds: 0, most: 3 } },
    })
    const prod = sf.org('prod')
    defineWorld(prod)
    fillWorld(prod, rows, 6)
    prod.rows.define('Large__c', { Text__c: 'string' })
    for (let index = 0; index < large; index++)
      prod.rows.insert('Large__c', { Name: `row "${index}"`, Text__c: 'a\nb' })
    prod.rows.remove('Large__c', prod.rows.all('Large__c')[0]?.Id ?? '')
    const apex = ['A', 'B', 'C'].map((name) => [`classes/${name}.cls`, `public class ${name} {}`])
    prod.metadata.add(Object.fromEntries(apex))
    // An org that takes one class at a time makes the parts be halved twice.
    prod.retrievals.limits.maxFiles = 2
    sf.org('empty').rows.define('Void__c', {})
  })
  afterAll(() => sf.close())

  const request = (input: object = {}) => ({
    kind: 'org.backup',
    input: { org: 'prod', ...quick, ...input },
    retry: { maxAttempts: 9, backoffSeconds: 0 },
  })
  const some = { objects: { include: ['Account', 'Large__c', 'Attachment'] } }
  const directory = () => directoryOf(sf)
  const resultOf = ({ result }: ContractTask) => result as unknown as BackupResult
  async function succeeded(task: ContractTask): Promise<BackupResult> {
    expect(task.error).toBeNull()
    return resultOf(task)
  }

  /** Ids of the rows that a restore of this backup would read. */
  async function idsIn(backup: string, object: string): Promise<string[]> {
    const source = Source.open({ directory: directory(), secrets: noSecrets }, 'prod', backup)
    const ids: string[] = []
    for await (const row of source.rows(object)) ids.push(row.Id ?? '')
    return ids.sort()
  }
  const inOrg = (object: string) =>
    sf
      .org('prod')
      .rows.all(object)
      .map(({ Id }) => Id)
      .sort()

  it('holds every row, file and piece of metadata of the org, and says so', async () => {
    const include = [...backedUp.include, 'Large__c']
    const task = await sf.run(request({ objects: { include }, metadata: { types: ['ApexClass'] } }))
    const result = await succeeded(task)
    expect(result).toMatchObject({ mode: 'full', status: 'completed', parent: null, encrypted: false, warnings: [] })
    for (const object of [...objects, 'Large__c', 'Attachment', 'ContentDocumentLink'])
      expect(await idsIn(result.backup, object), object).toEqual(inOrg(object))
    const { files, metadataFiles } = result
    expect(files).toBe(['ContentVersion', 'Attachment', 'Document'].flatMap(inOrg).length)
    expect(metadataFiles).toBe(3)
    const list = await sf.run({ kind: 'org.backup.list', input: { org: 'prod', backup: result.backup, verify: true } })
    expect(list).toMatchObject({ state: 'succeeded', result: { backups: [{ trouble: null, verified: true }] } })
  })

  it('adds what changed, and what was deleted for good, to the last one', async () => {
    const prod = sf.org('prod')
    const full = await succeeded(await sf.run(request(some)))
    const [changed, purged] = prod.rows.all('Large__c').map(({ Id }) => Id)
    prod.rows.update('Large__c', changed ?? '', { Text__c: 'changed' })
    prod.rows.purge('Large__c', purged ?? '')
    const added = prod.rows.insert('Account', { Name: 'added', Key__c: 'added' })
    laterMs += 2_000
    const more = await succeeded(await sf.run(request({ ...some, mode: 'incremental', apiBudgetPct: 0.015 })))
    // All rows and files would be 22 calls, of which it may make 15.
    expect(more).toMatchObject({ mode: 'incremental', parent: full.backup, from: expect.any(String) })
    expect(await idsIn(more.backup, 'Account')).toContain(added)
    for (const object of ['Account', 'Large__c'])
      expect(await idsIn(more.backup, object), object).toEqual(inOrg(object))
    const pruned = await sf.run({ kind: 'org.backup.prune', input: { org: 'prod', dryRun: true } })
    const kept = (pruned.result as { kept?: unknown[] } | null)?.kept
    expect(kept).toContainEqual({ backup: full.backup, why: expect.arrayContaining(['full']) })
  })

  it('is made whole by eight attempts, when the worker is killed at each of its steps', async () => {
    const steps = ['/sobjects', '/limits/recordCount', '/describe', '/query', '/jobs/query', '/results', '/Body']
    const open = new Set(steps)
    const isNext = ({ path }: Subject) => open.delete([...open].find((step) => path.endsWith(step)) ?? '')
    const task = await sf.runKilled(request(some), { match: isNext, times: steps.length })
    const result = await succeeded(task)
    expect(task.attempt).toBe(steps.length + 1)
    for (const object of ['Account', 'Large__c']) expect(await idsIn(result.backup, object)).toEqual(inOrg(object))
    expect(result.files).toBe(inOrg('Attachment').length)
  })

  alsoInMatrix(
    'goes on through answers that are cut, CSV that is wrong, and an orchestrator that is started again',
    async () => {
      const isResult = ({ path }: Subject) => path.endsWith('/results')
      sf.emulator.faults.add({ match: isResult, action: resetMidBody(2_000) })
      sf.emulator.faults.add({ match: isResult, action: malformedCsv('unclosedQuote') })
      const { id } = await sf.runUntil(request(some), ({ path }) => path.endsWith('/Large__c/describe'))
      await sf.restart()
      const result = await succeeded(await sf.mayfly.settled(id))
      expect(await idsIn(result.backup, 'Large__c')).toEqual(inOrg('Large__c'))
    },
  )

  alsoInMatrix(
    'makes way for another task while its job goes on in the org, and asks for a new session when its own has ended',
    async () => {
      const isSubmission = ({ path, method }: Subject) => method === 'POST' && path.endsWith('/jobs/query')
      sf.emulator.faults.add({ match: isSubmission, action: slowJob({ waiting: 20, working: 20 }) })
      sf.emulator.faults.add({ match: ({ path }) => path.endsWith('/Attachment/describe'), action: expiredSession })
      const isLook = ({ path, method }: Subject) => method === 'GET' && /\/jobs\/query\/750/.test(path)
      const { id } = await sf.runUntil(request(some), isLook)
      expect(await sf.run({ kind: 'exec', input: { command: ['true'] } })).toMatchObject({ state: 'succeeded' })
      const result = await succeeded(await sf.mayfly.settled(id))
      expect(await idsIn(result.backup, 'Large__c')).toEqual(inOrg('Large__c'))
      const events = await sf.mayfly.events(id)
      expect(events.map(({ type }) => type)).toEqual(expect.arrayContaining(['task.preempting', 'task.suspended']))
      expect(events.filter(({ data }) => /is submitted/.test(String(data.text)))).toHaveLength(1)
    },
  )

  it('waits when the calls of the day are used up, and is refused when no day has so many', async () => {
    sf.emulator.faults.add({ match: ({ path }) => path.endsWith('/Account/describe'), action: dailyLimit })
    const waited = await sf.run(request({ ...some, limitWaitSeconds: 0.05 }))
    expect(await succeeded(waited)).toMatchObject({ status: 'completed' })
    expect(waited.attempt).toBe(2)
    const refused = await sf.run(request({ ...some, apiBudgetPct: 0.01 }))
    expect(refused.error?.message).toMatch(/needs about \d+ API calls; the org has .* apiBudgetPct 0.01 allows 10/)
  })

  it('is encrypted when there is a key, and then nothing on the disk is in plain', async () => {
    await sf.store('org/prod/backup-key', 'a key that nobody guesses')
    const result = await succeeded(await sf.run(request({ ...some, format: 'csv' })))
    expect(result.encrypted).toBe(true)
    const place = join(directory(), 'prod', result.backup)
    const files = readdirSync(place, { recursive: true, withFileTypes: true }).filter((one) => one.isFile())
    const plain = files.filter((one) => readFileSync(join(one.parentPath, one.name)).includes('row ""1""'))
    expect(plain).toEqual([])
    await sf.mayfly.vault.delete('default', 'org/prod/backup-key', Date.now())
    const refused = await sf.run(request({ ...some, encrypt: true }))
    expect(refused.error?.message).toContain('there is no key: store one as org/prod/backup-key')
  })

  it('names an object that fails, and goes on without it', async () => {
    const match = ({ path }: Subject) => path.endsWith('/Account/describe')
    sf.emulator.faults.add({ match, action: refusedWith(400, 'INVALID_TYPE', 'sObject type Account is not supported') })
    const result = await succeeded(await sf.run(request(some)))
    expect(result).toMatchObject({ status: 'completed with warnings', objects: 2 })
    expect(result.warnings).toEqual([expect.stringContaining('Account is not in the backup: org prod, while reading')])
  })

  it('fails loudly when it would hold nothing, and leaves no manifest', async () => {
    const input = { org: 'empty', ...quick }
    const none = await sf.run({ kind: 'org.backup', input: { ...input, objects: { include: ['Nothing*'] } } })
    expect(none.error?.message).toContain('has no object to back up')
    const empty = await sf.run({ kind: 'org.backup', input: { ...input, objects: { include: ['Void__c'] } } })
    expect(empty.error).toMatchObject({ code: 'BACKUP_EMPTY', message: expect.stringContaining('holds no row') })
    sf.emulator.faults.add({
      match: ({ path }) => path.endsWith('/describe'),
      action: refusedWith(403, 'INSUFFICIENT_ACCESS', 'no'),
    })
    const failed = await sf.run({ kind: 'org.backup', input: { ...input, objects: { include: ['Void__c'] } } })
    expect(failed.error).toMatchObject({ code: 'BACKUP_EMPTY', message: expect.stringContaining('no object at all') })
    expect(readStore(directory(), 'empty').whole.size).toBe(0)
  })

  it('stops its jobs in the org when it is cancelled, and what it leaves is no backup', async () => {
    const before = readStore(directory(), 'prod')
    const match = ({ path, method }: Subject) => method === 'POST' && path.endsWith('/jobs/query')
    sf.emulator.faults.add({ match, action: slowJob({ waiting: 1_000, working: 1_000 }) })
    const { id } = await sf.runUntil(
      request(some),
      ({ path, method }) => method === 'GET' && /\/jobs\/query\/750/.test(path),
    )
    await sf.mayfly.cancel(id)
    expect((await sf.mayfly.settled(id)).state).toBe('cancelled')
    expect(
      sf
        .org('prod')
        .jobs.all()
        .map(({ state }) => state),
    ).toContain('Aborted')
    const after = readStore(directory(), 'prod')
    expect(after.whole.size).toBe(before.whole.size)
    expect(after.incomplete.length).toBe(before.incomplete.length + 1)
  })
})

/** Where the tenant of the tests has its backups. */
function directoryOf({ mayfly }: TestSalesforce): string {
  return join(mayfly.data, 'directories', 'default', 'backups')
}

const noSecrets = { names: [], use: never, text: never, mask: never, store: never }

function never(): never {
  throw new Error('not encrypted')
}
