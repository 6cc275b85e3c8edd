import { expect, test } from 'vitest'
import type { Journal } from '../../src/journal/journal.ts'
import type { PauseRecord } from '../../src/journal/pauses.ts'
import type { TokenRecord } from '../../src/journal/tokens.ts'
import { newTaskId } from '../../src/system/ids.ts'
import { claimMove, sampleEvent, sampleTask } from './samples.ts'

interface Subject {
  readonly journal: Journal
  reopen(): Promise<Journal>
}

const quotas = { running: null, queued: null, submitsPerMinute: null }

const token = (own: Partial<TokenRecord> = {}): TokenRecord => ({
  id: newTaskId(),
  digest: 'ab'.repeat(32),
  name: 'ci "build" 🪰',
  tenant: 'acme',
  role: 'tenant',
  pools: ['normal', 'batch'],
  kinds: ['lint'],
  paths: true,
  createdAt: 5,
  expiresAt: 6,
  lastUsedAt: null,
  ...own,
})

/** Tenants, tokens and pauses. */
export function describeAccess(subject: () => Subject): void {
  const { add, remove, change } = {
    add: (name: string) => subject().journal.tenants.add({ name, quotas, createdAt: 1 }),
    remove: (name: string) => subject().journal.tenants.remove(name, 2),
    change: (name: string, running: number) => subject().journal.tenants.change(name, { running }),
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
    await Promise.all([change('acme', 8), subject().journal.tenants.change('acme', both)])
    expect(await change('nobody', 1)).toBeUndefined()
    const journal = await reopened()
    const acme = { name: 'acme', quotas: { running: 8, ...both }, createdAt: 1 }
    expect(await journal.tenants.all()).toMatchObject([acme, { name: 'default' }])
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
    const kept = token({ tenant: 'globex' })
    for (const one of [token(), kept]) await journal.tokens.add(one)
    await journal.pauses.add({ ...pause, id: newTaskId(), tenant: 'acme' })
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
    expect(await journal.tokens.add(token())).toBe(false)
  })

  test('tokens stay as they were made, and remember when they were used', async () => {
    const { tokens } = subject().journal
    await add('acme')
    const [plain, scoped] = [token({ pools: null, kinds: null, paths: false, expiresAt: null }), token()]
    for (const one of [plain, scoped]) expect(await tokens.add(one)).toBe(true)
    await tokens.used(plain.id, 99)
    const journal = await reopened()
    expect(await journal.tokens.all()).toEqual([{ ...plain, lastUsedAt: 99 }, scoped])
    expect([await journal.tokens.remove(plain.id), await journal.tokens.remove(plain.id)]).toEqual([true, false])
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
    for (const each of [one, all]) await subject().journal.pauses.add(each)
    const journal = await reopened()
    expect(await journal.pauses.all()).toEqual([one, all])
    expect([await journal.pauses.remove(one.id), await journal.pauses.remove(one.id)]).toEqual([true, false])
    expect(await journal.pauses.all()).toEqual([all])
  })

  test('a thousand tasks that are added together are one commit, with others before and after them', async () => {
    const { journal } = subject()
    const commits: number[] = []
    journal.onCommit((events) => commits.push(events.length))
    const tasks = Array.from({ length: 1000 }, (_, index) => sampleTask({ input: 'x'.repeat(index % 2 ? 8000 : 1) }))
    const before = Array.from({ length: 500 }, () => journal.add(sampleTask(), sampleEvent()))
    const added = journal.addAll(tasks.map((task) => ({ task, queued: sampleEvent() })))
    const after = journal.add(sampleTask(), sampleEvent())
    expect(await Promise.all(added)).toEqual(tasks.map(() => ({ added: true })))
    await Promise.all([...before, after])
    expect(commits).toEqual([1500, 1])
  })

  test('of tasks that are added together, a bad one fails alone, and a key finds one of the same', async () => {
    const { journal } = subject()
    const [one, two, twice] = [sampleTask(), sampleTask(), sampleTask()]
    await journal.add(twice, sampleEvent())
    const once = { key: 'k', fingerprint: 'f', until: Number.MAX_SAFE_INTEGER }
    const additions = [{ task: one, once }, { task: twice }, { task: two, once }]
    const added = await Promise.allSettled(
      journal.addAll(additions.map((each) => ({ ...each, queued: sampleEvent() }))),
    )
    expect(added.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(added.at(-1)).toMatchObject({ value: { added: false, earlier: { id: one.id }, sameFingerprint: true } })
  })
}
