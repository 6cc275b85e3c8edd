import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { defaults } from '../src/config/defaults.ts'
import { children, startMayfly, type TestMayfly } from './fixtures/mayfly.ts'

const succeed = { kind: 'succeed', input: {} }
const wait = { kind: 'wait', input: {} }

interface Resumed {
  readonly attempt: number
  readonly checkpoint: unknown
  readonly ids: readonly string[]
  readonly children: readonly { readonly key: string; readonly id: string; readonly state: string }[]
}

describe('a task that submits tasks', () => {
  let mayfly: TestMayfly

  beforeAll(async () => {
    mayfly = await startMayfly({
      config: { kinds: ['common', 'families', 'parents', 'cleanups'].map(children), sharedSlots: 4 },
    })
  })

  afterAll(() => mayfly.remove())

  const childOf = async (id: string, count = 1) => {
    await mayfly.untilType(id, 'task.progress')
    const { items } = await mayfly.get<{ items: { id: string; parent: string | null }[] }>('/tasks?limit=100')
    const found = items.filter(({ parent }) => parent === id).map((child) => child.id)
    expect(found).toHaveLength(count)
    return found as [string, ...string[]]
  }

  it('waits for them without a process, and finds what came of them when it goes on', async () => {
    const input = { children: { a: succeed, b: succeed }, suspend: true }
    const task = await mayfly.run({ kind: 'parent', input })
    const result = task.result as unknown as Resumed
    expect(task).toMatchObject({ state: 'succeeded', attempt: 2, parent: null })
    expect(result).toMatchObject({ attempt: 2, checkpoint: { submitted: 2 } })
    // The second attempt submitted under the same keys: it found the children of the first.
    expect(result.children.map(({ key, id, state }) => [key, id, state])).toEqual([
      ['a', result.ids[0], 'succeeded'],
      ['b', result.ids[1], 'succeeded'],
    ])
    expect(await mayfly.task(result.ids[0] as string)).toMatchObject({ parent: task.id, tenant: task.tenant })
    const suspended = (await mayfly.events(task.id)).find(({ type }) => type === 'task.suspended')
    expect(suspended?.data).toMatchObject({ awaits: 'all children' })
  })

  it('holds no slot while it waits, and keeps its progress', async () => {
    const { id } = await mayfly.submit({ kind: 'parent', input: { children: { slow: wait }, suspend: true } })
    await mayfly.untilType(id, 'task.suspended')
    const [child] = await childOf(id)
    await mayfly.untilText(child, 'waiting')
    expect(await mayfly.task(id)).toMatchObject({ state: 'queued', progress: { phase: 'submitted' } })
    expect(mayfly.leftovers(id)).toEqual({ processes: [], workspaces: [] })
    await mayfly.cancel(child)
    const task = await mayfly.settled(id)
    expect((task.result as unknown as Resumed).children).toMatchObject([{ key: 'slow', state: 'cancelled' }])
  })

  it('goes on at once when all had settled before it suspended, long before its time', async () => {
    const input = { children: { a: succeed }, suspend: true, settledFirst: true, orAfterMs: 3_600_000 }
    expect(await mayfly.run({ kind: 'parent', input })).toMatchObject({ state: 'succeeded', attempt: 2 })
  })

  it('waits for some of them, or until a time, whichever comes first', async () => {
    const both = { first: succeed, slow: wait }
    const some = await mayfly.run({ kind: 'parent', input: { children: both, suspend: true, onlyFirst: true } })
    const states = (task: typeof some) => (task.result as unknown as Resumed).children.map(({ state }) => state)
    expect(states(some)[0]).toBe('succeeded')
    expect(['queued', 'starting', 'running']).toContain(states(some)[1])
    const timed = await mayfly.run({
      kind: 'parent',
      input: { children: { slow: wait }, suspend: true, orAfterMs: 300 },
    })
    expect(timed).toMatchObject({ state: 'succeeded', attempt: 2 })
    for (const task of [some, timed])
      for (const id of await childOf(task.id, states(task).length)) await mayfly.cancel(id)
  })

  it('leaves them when it ends by itself', async () => {
    const task = await mayfly.run({ kind: 'parent', input: { children: { slow: wait } } })
    const [child] = await childOf(task.id)
    await mayfly.untilText(child, 'waiting')
    expect(await mayfly.task(child)).toMatchObject({ state: 'running' })
    await mayfly.cancel(child)
    await mayfly.settled(child)
  })

  it('takes them and theirs along when it is cancelled', async () => {
    const below = { kind: 'parent', input: { children: { slow: wait }, suspend: true } }
    const { id } = await mayfly.submit({ kind: 'parent', input: { children: { below }, suspend: true } })
    const [child] = await childOf(id)
    const [grandchild] = await childOf(child)
    await mayfly.untilText(grandchild, 'waiting')
    await mayfly.cancel(id, 'no longer needed')
    for (const one of [id, child, grandchild]) expect(await mayfly.settled(one)).toMatchObject({ state: 'cancelled' })
    expect((await mayfly.task(grandchild)).error?.message).toContain('parent')
  })

  it('leaves those that serve it when it is cancelled: others need them, and its cleanup', async () => {
    const later = { kind: 'serve', input: {}, notBefore: new Date(Date.now() + 3_600_000).toISOString() }
    const input = { children: { later, slow: wait }, suspend: true }
    const { id } = await mayfly.submit({ kind: 'parent', input })
    await mayfly.untilType(id, 'task.suspended')
    const children = await childOf(id, 2)
    await mayfly.cancel(id)
    const stateOf = async (kind: string) => {
      const tasks = await Promise.all(children.map((child) => mayfly.task(child)))
      return tasks.find((task) => task.kind === kind)?.state
    }
    await expect.poll(() => stateOf('wait')).toBe('cancelled')
    expect(await stateOf('serve')).toBe('queued')
  })

  it('may go five generations deep, and is told so in a sentence', async () => {
    const task = await mayfly.run({ kind: 'deep', input: {} })
    expect(task.result).toEqual({ levels: 6, refused: expect.stringContaining('5 generations deep') })
  })

  it('is told in a sentence what it may not submit', async () => {
    const input = [
      ['a', { kind: 'no-such-kind', input: {} }],
      ['b', { kind: 'succeed', input: {}, colour: 'red' }],
      ['c', { kind: 'parent', input: {} }],
      ['d', { ...succeed, pool: 'critical' }],
      ['', succeed],
      ['e', null],
      ['f', { kind: 'urgent', input: {} }],
      ['f', succeed],
    ]
    const { result } = await mayfly.run({ kind: 'asks', input: input as never })
    const [a, b, c, d, empty, e, f, again] = result as unknown[]
    expect(a).toMatchObject({ code: 'UNKNOWN_KIND', retryable: false })
    expect(b).toMatchObject({ code: 'BAD_REQUEST', message: expect.stringContaining('colour') })
    expect(c).toMatchObject({ code: 'INVALID_INPUT', message: expect.stringContaining('children') })
    expect(d).toMatchObject({ code: 'FORBIDDEN' })
    expect(empty).toMatchObject({ code: 'BAD_REQUEST' })
    expect(e).toMatchObject({ code: 'BAD_REQUEST' })
    expect(again).toBe(f)
    // Its own kind would be served before its parent.
    expect(await mayfly.task(f as string)).toMatchObject({ kind: 'urgent', pool: 'normal' })
  })

  it('has those that serve it run in their own pool, and no child in a higher one', async () => {
    const serve = (pool?: string) => ({ kind: 'serve', input: {}, ...(pool && { pool }) })
    const asked = [
      ['a', serve()],
      ['b', serve('batch')],
      ['c', { kind: 'urgent', input: {} }],
      ['d', { kind: 'urgent', input: {}, pool: 'critical' }],
    ]
    const { result } = await mayfly.run({ kind: 'asks', pool: 'batch', input: asked as never })
    const [a, b, c, d] = result as string[]
    const poolOf = async (id = '') => (await mayfly.task(id)).pool
    expect([await poolOf(a), await poolOf(b), await poolOf(c)]).toEqual(['critical', 'batch', 'batch'])
    expect(d).toMatchObject({ code: 'FORBIDDEN' })
  })

  it('may have a thousand, and no more', async () => {
    const later = { ...succeed, notBefore: new Date(Date.now() + 3_600_000).toISOString() }
    const input = Array.from({ length: 1_000 }, (_, at) => [`k${at}`, later])
    const fits = await mayfly.submit({ kind: 'asks', input: [...input, ['one more', later]] as never })
    const { result } = await mayfly.settled(fits.id)
    expect(new Set((result as unknown[]).slice(0, 1_000)).size).toBe(1_000)
    expect((result as unknown[])[1_000]).toMatchObject({ code: 'TOO_MANY', retryable: true })
  })

  const askedAs = async (ids: readonly string[]) =>
    (await Promise.all(ids.map((id) => mayfly.task(id)))).map(({ labels }) => labels.asked)

  it('may ask far more at once than is answered at once, for what it said when it asked', async () => {
    const task = await mayfly.run({ kind: 'flood', input: { times: 4_000, save: true } })
    expect(task).toMatchObject({ state: 'succeeded', error: null })
    const { ids, answeredWhenSaved } = task.result as unknown as { ids: string[]; answeredWhenSaved: number }
    expect(ids).toHaveLength(4_000)
    expect(await askedAs([...new Set(ids)])).toEqual(['first', 'last'])
    // Its checkpoint does not wait for that.
    expect(answeredWhenSaved).toBeLessThan(3_000)
  })

  it('gets also what it has not waited for when it ends', async () => {
    const { id } = await mayfly.run({ kind: 'flood', input: { times: 1_500, forget: true } })
    const { items } = await mayfly.get<{ items: { id: string; parent: string | null }[] }>('/tasks?limit=100')
    const found = items.filter(({ parent }) => parent === id).map((child) => child.id)
    expect((await askedAs(found)).toSorted()).toEqual(['first', 'last'])
  })
})

describe('a task whose tenant has as much queued as it may', () => {
  it('finds the children that it has, and gets no more', async () => {
    const config = {
      kinds: [children('common'), children('families')],
      sharedSlots: 1,
      tenant: { ...defaults().tenant, queued: 1 },
    }
    const mayfly = await startMayfly({ config })
    const { result } = await mayfly.run({ kind: 'again' })
    const [first, other, again] = result as unknown as string[]
    expect([other, again]).toEqual(['QUEUE_FULL', first])
    await mayfly.remove()
  })
})
