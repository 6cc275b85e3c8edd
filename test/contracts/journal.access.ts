import { describe, expect, test } from 'vitest'
import type { AuditEntry } from '../../src/journal/audit.ts'
import type { PauseRecord } from '../../src/journal/pauses.ts'
import { noQuotas as quotas } from '../../src/journal/tenants.ts'
import { newTaskId } from '../../src/system/ids.ts'
import type { Subject } from './journal.records.ts'
import { claimMove, sampleEntry, sampleEvent, sampleTask, sampleToken } from './samples.ts'

/** Tenants, tokens and pauses. */
export function describeAccess(subject: () => Subject): void {
  const { add, remove, change } = {
    add: (name: string) => subject().journal.tenants.add({ name, quotas, createdAt: 1 }, sampleEntry()),
    remove: (name: string) => subject().journal.tenants.remove(name, sampleEntry()),
    change: (name: string, running: number) => subject().journal.tenants.change(name, { running }, sampleEntry()),
  }
  const names = async () => (await subject().journal.tenants.all()).map(({ name }) => name)
  const reopened = async () => {
    await subject().journal.close()
    return subject().reopen()
  }

  test('the tenant default is there from the beginning', async () => {
    expect(await subject().journal.tenants.all()).toMatchObject([{ name: 'default', quotas }])
  })

  test('tenants stay, with their quotas, also after a start', async () => {
    expect([await add('acme'), await add('acme'), await add('default')]).toEqual([true, false, false])
    expect(await change('acme', 7)).toEqual({ name: 'acme', quotas: { ...quotas, running: 7 }, createdAt: 1 })
    const both = { queued: 3, submitsPerMinute: 0 }
    await Promise.all([change('acme', 8), subject().journal.tenants.change('acme', both, sampleEntry())])
    expect(await change('nobody', 1)).toBeUndefined()
    const journal = await reopened()
    const acme = { name: 'acme', quotas: { running: 8, ...both }, createdAt: 1 }
    expect(await journal.tenants.all()).toMatchObject([acme, { name: 'default' }])
  })

  test('every quota of a tenant stays as it was said, and those of pools change one by one', async () => {
    const { tenants } = subject().journal
    const every = {
      weight: 0.5,
      running: 1,
      poolRunning: { critical: 2, normal: 3, batch: 4 },
      queued: 5,
      poolQueued: { critical: 6, normal: 7, batch: 0 },
      submitsPerMinute: 8,
      memoryMiB: 9,
      processSecondsPerDay: 10.5,
      runSeconds: 11.5,
      timeZone: 'Europe/Berlin',
    }
    await tenants.add({ name: 'acme', quotas: every, createdAt: 1 }, sampleEntry())
    const change = { poolRunning: { batch: null }, timeZone: null }
    const quotas = { ...every, timeZone: null, poolRunning: { critical: 2, normal: 3, batch: null } }
    expect(await tenants.change('acme', change, sampleEntry())).toEqual({ name: 'acme', quotas, createdAt: 1 })
    expect((await (await reopened()).tenants.all())[0]?.quotas).toEqual(quotas)
  })

  test('a tenant with a task that has not ended stays, whatever its state', async () => {
    await add('acme')
    const task = sampleTask({ tenant: 'acme' })
    const adding = subject().journal.add(task, sampleEvent())
    expect(await remove('acme')).toBe('busy')
    await adding
    await subject().journal.move(claimMove(task))
    expect(await remove('acme')).toBe('busy')
    expect(await names()).toContain('acme')
  })

  test('a tenant goes with its tokens, pauses and secrets, and its name is never given again', async () => {
    const { journal } = subject()
    await add('acme')
    await add('globex')
    const kept = sampleToken({ tenant: 'globex' })
    for (const one of [sampleToken(), kept]) await journal.tokens.add(one, sampleEntry())
    await journal.pauses.add({ ...pause, id: newTaskId(), tenant: 'acme' }, sampleEntry())
    expect([await remove('acme'), await remove('acme'), await remove('nobody')]).toEqual([
      'removed',
      'unknown',
      'unknown',
    ])
    expect([await names(), await add('acme'), await change('acme', 1)]).toEqual([
      ['default', 'globex'],
      false,
      undefined,
    ])
    expect([await journal.tokens.all(), await journal.pauses.all()]).toEqual([[kept], []])
    expect(await journal.tokens.add(sampleToken(), sampleEntry())).toBe(false)
  })

  test('of the secrets of a tenant that is gone, not even the names are left, and others keep theirs', async () => {
    const { secrets, tenants } = subject().journal
    for (const tenant of ['acme', 'globex']) {
      await add(tenant)
      for (const name of ['kept', 'deleted']) {
        const secret = { tenant, name, version: 1, key: 1, sealed: new Uint8Array([1]), at: 1 }
        expect(await secrets.put(secret, sampleEntry())).toBe('stored')
      }
      await secrets.delete(tenant, 'deleted', sampleEntry())
    }
    expect(await tenants.remove('acme', sampleEntry())).toBe('removed')
    const versions = (tenant: string) => Promise.all(['kept', 'deleted'].map((name) => secrets.versionOf(tenant, name)))
    expect([await versions('acme'), await secrets.list('acme', '', 10)]).toEqual([[0, 0], []])
    expect([await versions('globex'), await secrets.get('globex', 'kept')]).toMatchObject([[1, 1], { version: 1 }])
  })

  test('tokens stay as they were made, and remember when they were used', async () => {
    const { tokens } = subject().journal
    await add('acme')
    const [plain, scoped] = [sampleToken({ pools: null, kinds: null, paths: false, expiresAt: null }), sampleToken()]
    for (const one of [plain, scoped]) expect(await tokens.add(one, sampleEntry())).toBe(true)
    await tokens.used(plain.id, 99)
    const journal = await reopened()
    expect(await journal.tokens.all()).toEqual([{ ...plain, lastUsedAt: 99 }, scoped])
    const revoke = () => journal.tokens.remove(plain.id, sampleEntry())
    expect([await revoke(), await revoke()]).toEqual([true, false])
    expect(await journal.tokens.all()).toEqual([scoped])
  })

  const pause: Omit<PauseRecord, 'id'> = {
    kind: 'lint',
    pool: 'batch',
    tenant: null,
    key: 'org-a',
    reason: 'a freeze',
    createdAt: 3,
  }

  test('pauses stay until they are removed', async () => {
    const one = { ...pause, id: newTaskId() }
    const all = { id: newTaskId(), kind: null, pool: null, tenant: null, key: null, reason: null, createdAt: 4 }
    for (const each of [one, all]) await subject().journal.pauses.add(each, sampleEntry())
    const journal = await reopened()
    expect(await journal.pauses.all()).toEqual([one, all])
    const lift = () => journal.pauses.remove(one.id, sampleEntry())
    expect([await lift(), await lift()]).toEqual([true, false])
    expect(await journal.pauses.all()).toEqual([all])
  })

  describe('the audit log', () => {
    const noted = async (entry: AuditEntry) => {
      const { entries } = await subject().journal.audit.page({ limit: 100 })
      return entries.find(({ id }) => id === entry.id)
    }
    /** What one change answers, and the entry that the log then has of it. */
    const answerOf = async <A>(change: (entry: AuditEntry) => Promise<A>) => {
      const entry = sampleEntry({ detail: { why: 'a test' } })
      const answer = await change(entry)
      return { answer, entry, noted: await noted(entry) }
    }

    test('has an entry for each change that was carried out', async () => {
      const { tenants, tokens, pauses } = subject().journal
      const [one, freeze] = [sampleToken(), { ...pause, id: newTaskId() }]
      const changes: ((entry: AuditEntry) => Promise<unknown>)[] = [
        (entry) => tenants.add({ name: 'acme', quotas, createdAt: 1 }, entry),
        (entry) => tokens.add(one, entry),
        (entry) => tokens.remove(one.id, entry),
        (entry) => pauses.add(freeze, entry),
        (entry) => pauses.remove(freeze.id, entry),
        (entry) => tenants.remove('acme', entry),
      ]
      for (const change of changes) {
        const { entry, noted } = await answerOf(change)
        expect(noted).toEqual(entry)
      }
    })

    test('has the quotas as they were when they had changed, however many change them at once', async () => {
      const { tenants } = subject().journal
      await add('acme')
      const entries = [sampleEntry(), sampleEntry()]
      const changes = [{ running: 1 }, { queued: 2 }]
      await Promise.all(entries.map((entry, index) => tenants.change('acme', changes[index] ?? {}, entry)))
      const details = await Promise.all(entries.map(async (entry) => (await noted(entry))?.detail.quotas))
      expect(details).toEqual([
        { ...quotas, running: 1 },
        { ...quotas, running: 1, queued: 2 },
      ])
    })

    test('has none for a change that was not', async () => {
      const { tenants, tokens, pauses } = subject().journal
      await add('acme')
      await subject().journal.add(sampleTask({ tenant: 'acme' }), sampleEvent())
      const changes: [(entry: AuditEntry) => Promise<unknown>, unknown][] = [
        [(entry) => tenants.add({ name: 'acme', quotas, createdAt: 1 }, entry), false],
        [(entry) => tenants.change('nobody', { running: 1 }, entry), undefined],
        [(entry) => tenants.remove('acme', entry), 'busy'],
        [(entry) => tenants.remove('nobody', entry), 'unknown'],
        [(entry) => tokens.add(sampleToken({ tenant: 'nobody' }), entry), false],
        [(entry) => tokens.remove(newTaskId(), entry), false],
        [(entry) => pauses.remove(newTaskId(), entry), false],
      ]
      for (const [change, refused] of changes)
        expect(await answerOf(change)).toMatchObject({ answer: refused, noted: undefined })
    })

    test('has none where the change failed, and nothing changes where its entry did', async () => {
      const { tokens } = subject().journal
      await add('acme')
      const [kept, refused] = [sampleToken(), sampleToken()]
      const entry = sampleEntry()
      await tokens.add(kept, entry)
      await expect(tokens.add(refused, entry)).rejects.toThrow()
      await expect(tokens.remove(kept.id, entry)).rejects.toThrow()
      const again = sampleEntry()
      await expect(tokens.add(kept, again)).rejects.toThrow()
      expect([await tokens.all(), await noted(again)]).toEqual([[kept], undefined])
    })
  })
}
