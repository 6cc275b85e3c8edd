import { describe, expect, test } from 'vitest'
import { maxSecretsPerTenant, type NewSecret } from '../../src/journal/secrets.ts'
import type { Subject } from './journal.records.ts'
import { claimMove, runMove, sampleEntry, sampleEvent, sampleTask, settlingMove, succeedMove } from './samples.ts'

const at = 1_700_000_000_000

export function describeSecretRecords(subject: () => Subject): void {
  describe('the secrets', () => {
    const records = () => subject().journal.secrets
    const secret = (own: Partial<NewSecret> = {}): NewSecret => ({
      tenant: 'acme',
      name: 'token',
      version: 1,
      key: 1,
      sealed: new Uint8Array([1, 2, 3]),
      at,
      ...own,
    })
    const put = (own: Partial<NewSecret> = {}) => records().put(secret(own), sampleEntry())
    const remove = (name: string) => records().delete('acme', name, sampleEntry({ action: 'secret.deleted' }))
    const actions = async () => {
      const { entries } = await subject().journal.audit.page({ limit: 100 })
      return entries.map(({ action }) => action)
    }

    test('are stored with their audit entry, version after version, also across a start', async () => {
      expect(await put()).toBe('stored')
      expect(await put({ version: 2, sealed: new Uint8Array([4]), at: at + 1 })).toBe('stored')
      await subject().journal.close()
      const { secrets, audit } = await subject().reopen()
      expect(await secrets.get('acme', 'token')).toEqual({ version: 2, key: 1, sealed: new Uint8Array([4]) })
      expect(await secrets.list('acme', '', 10)).toEqual([
        { name: 'token', version: 2, createdAt: at, updatedAt: at + 1 },
      ])
      expect((await audit.page({ limit: 10 })).entries).toHaveLength(2)
    })

    test('change nothing, and note nothing, when the version is not the next one', async () => {
      expect(await put({ version: 1 })).toBe('stored')
      for (const version of [1, 3]) expect(await put({ version, sealed: new Uint8Array([9]) })).toBe('stale')
      expect((await records().get('acme', 'token'))?.sealed).toEqual(new Uint8Array([1, 2, 3]))
      expect(await actions()).toEqual(['secret.put'])
    })

    test('are stored for an attempt as long as it runs, and then no more', async () => {
      const { journal } = subject()
      const task = sampleTask()
      const putBy = (attempt: number, version: number) =>
        records().put(secret({ version }), sampleEntry(), { task: task.id, attempt })
      await Promise.all(journal.addAll([{ task, queued: sampleEvent() }]))
      expect(await putBy(1, 1)).toBe('over')
      await journal.move(claimMove(task))
      await journal.move(runMove(task.id, 1))
      expect(await putBy(2, 1)).toBe('over')
      expect(await putBy(1, 1)).toBe('stored')
      await journal.move(settlingMove(task.id, 1))
      expect(await putBy(1, 2)).toBe('stored')
      await journal.move(succeedMove(task.id, 1))
      expect(await putBy(1, 3)).toBe('over')
      expect(await records().versionOf('acme', 'token')).toBe(2)
      expect(await actions()).toEqual(['secret.put', 'secret.put'])
    })

    test('are deleted once, with an audit entry, and go on where their versions were', async () => {
      await put()
      expect(await remove('token')).toBe(true)
      expect(await remove('token')).toBe(false)
      expect(await records().get('acme', 'token')).toBeUndefined()
      expect(await records().versionOf('acme', 'token')).toBe(1)
      expect(await put({ version: 2 })).toBe('stored')
      expect(await actions()).toEqual(['secret.put', 'secret.deleted', 'secret.put'])
    })

    test('that come with a task are there until it ends, and are no other task’s', async () => {
      const { journal } = subject()
      const [task, other] = [sampleTask(), sampleTask()]
      const sealed = { name: 'token', key: 1, sealed: new Uint8Array([1, 2, 3]) }
      for (const secrets of [[sealed]]) {
        for (const one of [task, other])
          await Promise.all(journal.addAll([{ task: one, queued: sampleEvent(), secrets }]))
      }
      await journal.move(claimMove(task))
      await journal.move(runMove(task.id, 1))
      await journal.close()
      const after = await subject().reopen()
      expect(await after.secrets.oneTime(task.id, 'token')).toEqual({ key: 1, sealed: new Uint8Array([1, 2, 3]) })
      expect(await after.secrets.oneTime(task.id, 'other')).toBeUndefined()
      await after.move(settlingMove(task.id, 1))
      await after.move(succeedMove(task.id, 1))
      expect(await after.secrets.oneTime(task.id, 'token')).toBeUndefined()
      expect(await after.secrets.oneTime(other.id, 'token')).toMatchObject({ key: 1 })
    })

    test('are listed page by page, each tenant its own', async () => {
      for (const name of ['c', 'a', 'b']) await put({ name })
      await put({ tenant: 'globex', name: 'theirs' })
      const names = async (after: string, limit: number) =>
        (await records().list('acme', after, limit)).map(({ name }) => name)
      expect(await names('', 2)).toEqual(['a', 'b'])
      expect(await names('b', 2)).toEqual(['c'])
    })

    test('are so many and no more, and neither are the names of those that were deleted', async () => {
      const names = Array.from({ length: maxSecretsPerTenant }, (_, number) => `n${number}`)
      await Promise.all(names.map((name) => put({ name })))
      expect(await put({ name: 'one-more' })).toBe('too many')
      expect(await put({ name: 'n0', version: 2 })).toBe('stored')
      expect(await put({ tenant: 'globex', name: 'theirs' })).toBe('stored')
      await records().delete('acme', 'n0', sampleEntry({ at: at - 1 }))
      await Promise.all(names.slice(1).map(remove))
      expect(await put({ name: 'one-more' })).toBe('stored')
      await remove('one-more')
      expect(await records().versionOf('acme', 'n0')).toBe(0)
      expect(await records().versionOf('acme', 'n1')).toBe(1)
    })
  })
}
