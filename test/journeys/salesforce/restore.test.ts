import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ContractTask } from '../../../src/contract/task.ts'
import type { RestoreResult } from '../../../workers/backup/restore/result.ts'
import { expiredSession, lostResponse, rowErrors } from '../../emulator/fault-actions.ts'
import type { Subject } from '../../emulator/faults.ts'
import type { EmulatedOrg } from '../../emulator/org.ts'
import { quick, startSalesforce, type TestSalesforce } from '../../fixtures/salesforce.ts'
import { backedUp, defineWorld, differences, fillWorld, pictureOf } from './support/world.ts'

const targets = ['one', 'two', 'three', 'four']

// Each of its tasks is some attempts of a process each, on a machine that may be busy.
describe('restoring', { timeout: 120_000 }, () => {
  let sf: TestSalesforce
  let backup: string
  beforeAll(async () => {
    sf = await startSalesforce({
      orgs: ['prod', ...targets].map((name) => ({ name })),
      config: { sharedSlots: 1, preemption: { exemptSeconds: 0, most: 3 } },
    })
    for (const name of ['prod', ...targets]) defineWorld(sf.org(name))
    fillWorld(sf.org('prod'), 88, 6)
    for (const name of ['prod', 'one']) addSwitches(sf.org(name))
    await sf.store('org/prod/backup-key', 'a key that nobody guesses')
    const task = await sf.run({ kind: 'org.backup', input: { org: 'prod', ...quick, objects: backedUp } })
    expect(task.error).toBeNull()
    backup = (task.result as { backup: string }).backup
  })
  afterAll(() => sf.close())

  const retry = { maxAttempts: 20, backoffSeconds: 0 }
  const cross = (org: string, input: object = {}) => ({
    kind: 'org.restore.cross',
    input: { org, from: 'prod', ...quick, settleSeconds: 0, ...input },
    retry,
  })
  const same = (input: object = {}) => ({
    kind: 'org.restore',
    input: { org: 'prod', ...quick, settleSeconds: 0, backup, ...input },
    retry,
  })
  const resultOf = ({ result }: ContractTask) => result as unknown as RestoreResult
  const expectSame = (one: EmulatedOrg, other: EmulatedOrg) => expect(differences(one, other)).toEqual([])

  describe('into another org', () => {
    it('makes a plan first, which says what will be done and does nothing', async () => {
      const task = await sf.run(cross('one', { dryRun: true }))
      expect(task).toMatchObject({ state: 'succeeded', result: { status: 'planned', objects: 22, inserted: 0 } })
      expect(sf.org('one').rows.all('Account')).toEqual([])
      const plan = await artifactOf(sf, task.id, 'plan.json')
      const [contact, thing] = ['Contact', 'Thing03__c'].map((object) =>
        (plan as Plan).objects.find((one) => one.object === object),
      )
      expect(contact?.later).toContain('ReportsToId')
      expect(thing?.dropped).toContainEqual({ field: 'Number__c', why: 'the org numbers it' })
    })

    it('gives the same rows, relations and files, whichever request the worker is killed at', async () => {
      const composite = ({ path }: Subject) => path.endsWith('/composite/sobjects')
      const multipart = ({ path, method }: Subject) => method === 'POST' && /\/sobjects\/\w+$/.test(path)
      const task = await sf.runKilled(cross('one'), {
        match: eachOf((one) => composite(one) || multipart(one)),
        times: 6,
        isDone: true,
      })
      expect(task.error).toBeNull()
      expect(task.attempt).toBeGreaterThan(5)
      expect(resultOf(task)).toMatchObject({ status: 'completed', failed: 0 })
      expectSame(sf.org('one'), sf.org('prod'))
    })

    it('makes nothing twice when answers are lost, its session ends, and it makes way for another task', async () => {
      const writes = ({ path, method }: Subject) => method !== 'GET' && path.includes('/sobjects')
      for (let after = 0; after < 40; after += 3) sf.emulator.faults.add({ match: writes, after, action: lostResponse })
      sf.emulator.faults.add({ match: writes, after: 20, action: expiredSession })
      const { id } = await sf.runUntil(cross('two'), (one) => writes(one) && one.body.includes('Thing06__c'))
      await sf.run({ kind: 'exec', input: { command: ['true'] } })
      const task = await sf.mayfly.settled(id)
      sf.emulator.faults.clear()
      const types = (await sf.mayfly.events(id)).map(({ type }) => type)
      expect(types).toEqual(expect.arrayContaining(['task.preempting', 'task.suspended']))
      expect(resultOf(task)).toMatchObject({ status: 'completed', failed: 0 })
      expectSame(sf.org('two'), sf.org('prod'))
    })

    it('goes on when the orchestrator is started again in the middle', async () => {
      const { id } = await sf.runUntil(
        cross('three'),
        ({ path, method, body }) =>
          method === 'POST' && path.endsWith('/composite/sobjects') && body.includes('Thing05__c'),
      )
      await sf.restart()
      expect(resultOf(await sf.mayfly.settled(id))).toMatchObject({ status: 'completed', failed: 0 })
      expectSame(sf.org('three'), sf.org('prod'))
    })

    it('knows rows that are there by a field, and changes them instead of making them again', async () => {
      const { rows } = sf.org('three')
      const [first] = rows.all('Account')
      rows.update('Account', first?.Id ?? '', { Text__c: 'changed' })
      const objects = { include: ['Account'] }
      const task = await sf.run(cross('three', { objects, files: false, matchBy: { Account: 'Key__c' } }))
      expect(resultOf(task)).toMatchObject({ inserted: 0, updated: rows.all('Account').length, failed: 0 })
      expect(rows.all('Account')).toHaveLength(sf.org('prod').rows.all('Account').length)
      expect(rows.get('Account', first?.Id ?? '')?.Text__c).not.toBe('changed')
    })

    it('knows rows of a copy of the org by their ids', async () => {
      const [one, two] = sf.org('prod').rows.all('Account')
      const copy = sf.org('four')
      const here = copy.rows.insert('Account', { Id: one?.Id ?? '', Name: 'old' })
      const binned = copy.rows.insert('Account', { Id: two?.Id ?? '', Name: 'old' })
      copy.rows.remove('Account', binned)
      const objects = { include: ['Account'] }
      const task = await sf.run(cross('four', { objects, files: false, matchBy: { Account: 'Id' } }))
      expect(resultOf(task)).toMatchObject({ updated: 1, inserted: 3, failed: 0 })
      expect(copy.rows.get('Account', here)?.Name).toBe(one?.Name)
      for (const { Id } of copy.rows.all('Account')) copy.rows.purge('Account', Id)
    })

    it('says of each row that fails which and why, tries again those that were locked, and stops at maxErrors', async () => {
      const write = ({ path, method }: Subject) => method === 'POST' && path.endsWith('/composite/sobjects')
      const objects = { include: ['Account'] }
      sf.emulator.faults.add({ match: write, action: rowErrors(1) })
      sf.emulator.faults.add({ match: write, after: 1, action: rowErrors(0) })
      const locked = await sf.run(cross('four', { objects, files: false, batchSize: 2 }))
      expect(resultOf(locked)).toMatchObject({ status: 'completed', failed: 0 })
      sf.emulator.faults.add({
        match: write,
        action: rowErrors(2, 'FIELD_CUSTOM_VALIDATION_EXCEPTION', 'not like this'),
      })
      const stopped = await sf.run(cross('four', { objects, files: false, maxErrors: 1 }))
      expect(stopped.error).toMatchObject({
        code: 'TOO_MANY_ERRORS',
        message: expect.stringContaining('maxErrors is 1'),
      })
      expect(await artifactOf(sf, stopped.id, 'failed.csv')).toContain(
        'FIELD_CUSTOM_VALIDATION_EXCEPTION","not like this',
      )
      expect(await artifactOf(sf, stopped.id, 'created.csv')).toMatch(/"Account","001/)
    })

    it('fails with the lists of what it made and did not make where rows fail, unless they may', async () => {
      const write = ({ path, method }: Subject) => method === 'POST' && path.endsWith('/composite/sobjects')
      const objects = { include: ['Account'] }
      const fail = () =>
        sf.emulator.faults.add({ match: write, action: rowErrors(1, 'FIELD_CUSTOM_VALIDATION_EXCEPTION', 'no') })
      fail()
      const failed = await sf.run(cross('four', { objects, files: false }))
      expect(failed.error).toMatchObject({
        code: 'ROWS_FAILED',
        retryable: false,
        message: expect.stringMatching(/3 rows made, .* 1 failed; .* failed\.csv says which rows and why/),
      })
      expect(await artifactOf(sf, failed.id, 'failed.csv')).toContain('FIELD_CUSTOM_VALIDATION_EXCEPTION')
      expect(await artifactOf(sf, failed.id, 'restore.json')).toMatchObject({
        status: 'completed with failures',
        inserted: 3,
        failed: 1,
      })
      fail()
      const allowed = await sf.run(cross('four', { objects, files: false, failOn: 'never' }))
      expect(allowed).toMatchObject({ state: 'succeeded', result: { status: 'completed with failures', failed: 1 } })
    })

    it('puts no file into the org that is not as it was backed up, and fails', async () => {
      const place = join(sf.mayfly.data, 'directories', 'default', 'backups', 'prod', backup, 'bodies', 'Document')
      const [file = ''] = readdirSync(place, { recursive: true, withFileTypes: true })
        .filter((one) => one.isFile())
        .map(({ parentPath, name }) => join(parentPath, name))
      const whole = readFileSync(file)
      writeFileSync(file, Buffer.concat([whole, Buffer.of(0)]))
      try {
        const task = await sf.run(cross('four', { objects: { include: ['Account'] } }))
        expect(task.error).toMatchObject({ code: 'ROWS_FAILED', retryable: false })
        expect(await artifactOf(sf, task.id, 'failed.csv')).toMatch(/BACKUP_DAMAGED.*is not as it was written/)
        expect(sf.org('four').rows.all('Document')).toHaveLength(sf.org('prod').rows.all('Document').length - 1)
      } finally {
        writeFileSync(file, whole)
      }
    })

    it('is refused for production, for the org itself, and with the wrong key', async () => {
      const { rows, id } = sf.org('four')
      rows.update('Organization', id, { IsSandbox: false })
      const production = await sf.run(cross('four'))
      expect(production.error).toMatchObject({
        code: 'PRODUCTION',
        message: expect.stringContaining('allowProduction'),
      })
      expect((await sf.run(cross('prod'))).error?.message).toContain('into it, it goes with org.restore')
      await sf.store('org/prod/wrong', 'another key than it was')
      const wrong = await sf.run({ ...cross('one'), secrets: { encryption: 'vault:org/prod/wrong' } })
      expect(wrong.error?.message).toContain('another one than the backup was made with')
    })
  })

  describe('into the same org', () => {
    it('sets back what was changed, takes what was deleted out of the bin, and makes anew what is gone', async () => {
      const prod = sf.org('prod')
      const before = pictureOf(prod).toSorted()
      const accounts = prod.rows.all('Account').map(({ Id }) => Id)
      prod.rows.update('Account', accounts[0] ?? '', {
        Text__c: 'wrong',
        ParentId: null,
        Flag__c: false,
        Amount__c: 99,
      })
      prod.rows.update('Thing04__c', prod.rows.all('Thing04__c')[0]?.Id ?? '', { Self__c: null, OwnerId: prod.userId })
      prod.rows.remove('Contact', prod.rows.all('Contact')[0]?.Id ?? '')
      for (const object of ['Thing05__c', 'Attachment', 'Document']) {
        const id = prod.rows.all(object)[0]?.Id ?? ''
        prod.rows.remove(object, id)
        prod.rows.purge(object, id)
      }
      const attachment = prod.rows.all('Attachment')[0]?.Id
      if (attachment) prod.rows.remove('Attachment', attachment)
      expect(pictureOf(prod).toSorted()).not.toEqual(before)
      const write = ({ path, method }: Subject) =>
        method !== 'GET' && (path.includes('/sobjects') || path.includes('/Soap/u/'))
      const task = await sf.runKilled(same(), { match: eachOf(write, 3), times: 4, isDone: true })
      expect(task.error).toBeNull()
      expect(resultOf(task)).toMatchObject({ status: 'completed', failed: 0 })
      expect(pictureOf(prod).toSorted()).toEqual(before)
    })

    it('keeps automation quiet for its user meanwhile, and takes that back whoever dies', async () => {
      const prod = sf.org('prod')
      const isAssigned = () => assigned(prod)
      const setting = () => settingOf(prod)
      const change = () => {
        for (const { Id } of prod.rows.all('Thing07__c')) prod.rows.update('Thing07__c', Id, { Text__c: 'wrong' })
      }
      const quiet = {
        objects: { include: ['Thing07__c'] },
        files: false,
        bypassPermissionSet: 'Bypass',
        bypassCustomSetting: { object: 'Switch__c', fields: { Off__c: true } },
      }
      // Rules that refuse whoever has not been let through.
      let refused = 0
      prod.rows.hook('Thing07__c', {
        check() {
          if (isAssigned() && setting() === true) return null
          refused += 1
          return { statusCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', message: 'not like this', fields: [] }
        },
      })
      change()
      const plan = await sf.run(same({ ...quiet, dryRun: true }))
      expect(await artifactOf(sf, plan.id, 'plan.md')).toContain('the permission set Bypass is assigned and the custom')
      expect([isAssigned(), setting()]).toEqual([false, undefined])
      const writes = ({ path, method }: Subject) =>
        method !== 'GET' && /composite|PermissionSetAssignment|Switch__c/.test(path)
      for (const isDone of [true, false]) {
        change()
        const task = await sf.runKilled(same(quiet), { match: eachOf(writes, 2), times: 3, isDone })
        expect(task.error).toBeNull()
        expect(task.attempt).toBeGreaterThan(3)
        expect(resultOf(task)).toMatchObject({ failed: 0, updated: prod.rows.all('Thing07__c').length })
        expect([isAssigned(), setting()]).toEqual([false, undefined])
      }
      prod.rows.insert('Switch__c', { SetupOwnerId: prod.userId, Off__c: false })
      change()
      const { id } = await sf.runUntil(same(quiet), ({ path, method }) => method === 'PATCH' && /composite/.test(path))
      await sf.mayfly.cancel(id)
      expect((await sf.mayfly.settled(id)).state).toBe('cancelled')
      expect([isAssigned(), setting()]).toEqual([false, false])
      expect(refused).toBe(0)
      const unknown = await sf.run(same({ ...quiet, bypassPermissionSet: 'Bypas' }))
      expect(unknown.error).toMatchObject({ code: 'INVALID_INPUT', message: expect.stringContaining('Bypas') })
    })

    it('leaves alone what its user was allowed before', async () => {
      const prod = sf.org('prod')
      const PermissionSetId = prod.rows.all('PermissionSet').find(({ Name }) => Name === 'Bypass')?.Id ?? ''
      prod.rows.insert('PermissionSetAssignment', { PermissionSetId, AssigneeId: prod.userId })
      const input = { objects: { include: ['Thing08__c'] }, files: false, bypassPermissionSet: 'Bypass' }
      expect(resultOf(await sf.run(same(input)))).toMatchObject({ failed: 0 })
      expect(assigned(prod)).toBe(true)
    })

    it('brings back single rows, and leaves alone what is there where only missing ones are asked for', async () => {
      const prod = sf.org('prod')
      const [kept, changed] = prod.rows.all('Thing01__c').map(({ Id }) => Id)
      prod.rows.remove('Thing01__c', kept ?? '')
      prod.rows.update('Thing01__c', changed ?? '', { Text__c: 'meant so' })
      const task = await sf.run(same({ ids: [kept, changed], mode: 'insertMissing', files: false }))
      expect(resultOf(task)).toMatchObject({ undeleted: 1, updated: 0, inserted: 0, skipped: 1 })
      expect(prod.rows.get('Thing01__c', kept ?? '')?.IsDeleted).toBe(false)
      expect(prod.rows.get('Thing01__c', changed ?? '')?.Text__c).toBe('meant so')
    })

    it('lists what it has made when it is cancelled, the rows of the last request included', async () => {
      const prod = sf.org('prod')
      for (const { Id } of prod.rows.all('Thing02__c')) prod.rows.purge('Thing02__c', Id)
      const isInsert = ({ path, method }: Subject) => method === 'POST' && path.endsWith('/composite/sobjects')
      const made = Promise.withResolvers<void>()
      const hold = Promise.withResolvers<void>()
      sf.emulator.faults.add({
        match: isInsert,
        async action(_org, _request, genuine) {
          const answer = await genuine()
          made.resolve()
          await hold.promise
          return answer
        },
      })
      const { id } = await sf.mayfly.submit(same({ objects: { include: ['Thing02__c'] }, files: false }))
      await made.promise
      await sf.mayfly.cancel(id)
      expect((await sf.mayfly.settled(id)).state).toBe('cancelled')
      hold.resolve()
      const created = await artifactOf(sf, id, 'created.csv')
      for (const { Id } of prod.rows.all('Thing02__c')) expect(created).toContain(Id)
    })
  })
})

/** What admins provide so that automation can be kept quiet. */
function addSwitches({ rows }: EmulatedOrg): void {
  rows.insert('PermissionSet', { Name: 'Bypass', Label: 'Bypass', IsOwnedByProfile: false })
  rows.define('Switch__c', {
    SetupOwnerId: { type: 'reference', referenceTo: ['User'], required: true, unique: true },
    Off__c: 'boolean',
  })
}

function assigned({ rows, userId }: EmulatedOrg): boolean {
  const set = rows.all('PermissionSet').find(({ Name }) => Name === 'Bypass')
  return rows
    .all('PermissionSetAssignment')
    .some(({ PermissionSetId, AssigneeId }) => PermissionSetId === set?.Id && AssigneeId === userId)
}

function settingOf({ rows, userId }: EmulatedOrg) {
  return rows.all('Switch__c').find(({ SetupOwnerId }) => SetupOwnerId === userId)?.Off__c
}

/** One of so many. */
function eachOf(match: (one: Subject) => boolean, every = 8): (one: Subject) => boolean {
  let seen = 0
  return (one) => match(one) && seen++ % every === every - 1
}

interface Plan {
  readonly objects: readonly { readonly object: string; readonly later: string[]; readonly dropped: object[] }[]
}

/** JSON as a value, everything else as text. */
async function artifactOf({ mayfly }: TestSalesforce, task: string, name: string): Promise<unknown> {
  const response = await mayfly.call('GET', `/tasks/${task}/artifacts/${name}`)
  const text = await response.text()
  return name.endsWith('.json') ? JSON.parse(text) : text
}
