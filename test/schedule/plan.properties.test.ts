import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type HeadSizes, headSizes } from '../../src/schedule/head.ts'
import type { Decision } from '../../src/schedule/plan.ts'
import type { Waiting } from '../../src/schedule/waiting.ts'
import { POOLS } from '../../src/task/task.ts'
import { policyOf } from './fixture.ts'
import { snapshotOf } from './snapshot.ts'
import { actions, policies, World } from './world.ts'

interface Witness {
  /** Before a decision is applied. */
  readonly decided?: (world: World, decision: Decision) => void
  /** When nothing is left to do. */
  readonly quiet?: (world: World) => void
}

/** Lets worlds live through random histories, and the witness watch. */
function always({ decided, quiet }: Witness, sizes?: HeadSizes): void {
  const property = fc.property(policies, actions, (policy, actions) => {
    const world = new World(policy, sizes)
    for (const action of actions) {
      world.meet(action)
      world.turn((decision) => decided?.(world, decision))
      quiet?.(world)
    }
  })
  fc.assert(property, { numRuns: 400 })
}

function onStart(check: (world: World, decision: Decision & { do: 'start' }) => void): void {
  always({ decided: (world, decision) => decision.do === 'start' && check(world, decision) })
}

describe('SAFETY: something bad never happens', () => {
  test('no more tasks run than there are slots, and critical slots serve critical tasks only', () =>
    always({
      quiet: ({ model }) => {
        expect(model.taken('critical')).toBeLessThanOrEqual(model.policy.pools.critical.min)
        expect(model.taken('shared')).toBeLessThanOrEqual(model.policy.sharedSlots)
        for (const { task, slot } of model.running) expect(slot === 'critical' && task.pool !== 'critical').toBe(false)
      },
    }))

  test('no pool runs more than it may', () =>
    always({
      quiet: ({ model }) => {
        for (const pool of POOLS) {
          const running = model.runs((task) => task.pool === pool)
          expect(running).toBeLessThanOrEqual(Math.min(model.policy.pools[pool].max, model.shareOf(pool)))
        }
      },
    }))

  test('nothing starts beyond a limit of its tenant, in all, in its pool, or of its memory', () =>
    onStart(({ model }, { task }) => expect(model.withinTenant(task)).toBe(true)))

  test('no more tasks of a kind run than may', () =>
    always({
      quiet: ({ model }) => {
        const most = model.policy.kinds.get('lint')?.running ?? Infinity
        expect(model.runs(({ kind }) => kind === 'lint')).toBeLessThanOrEqual(most)
      },
    }))

  test('no task runs beside more tasks of its key than its limit says', () =>
    always({
      quiet: ({ model }) => {
        for (const { task } of model.running) {
          const shares = model.runs(
            (one) => one.tenant === task.tenant && one.concurrency?.key === task.concurrency?.key,
          )
          if (task.concurrency) expect(shares).toBeLessThanOrEqual(task.concurrency.limit)
        }
      },
    }))

  test('the next decision is the one that a look at every task would make', () =>
    always({
      decided: ({ model }, decision) => {
        const expired = model.expired()
        if (expired.length > 0) {
          expect(decision.do).toBe('expire')
          expect(expired.map(({ id }) => id)).toContain(decision.task?.id)
        } else {
          const task = model.next()
          expect(decision).toMatchObject({ do: 'start', task, slot: task && model.freeSlot(task.pool) })
        }
      },
    }))

  test('nothing starts in a lower pool while a higher one has a task that could', () =>
    onStart(({ model }, { task }) => {
      for (const higher of POOLS.slice(0, POOLS.indexOf(task.pool))) expect(model.nextIn(higher)).toBeUndefined()
    }))

  test('nothing starts before it is due, after it expired, or while the board is held', () =>
    onStart(({ model }, { task }) => {
      expect(task.notBefore ?? 0).toBeLessThanOrEqual(model.now)
      expect(task.expiresAt ?? Infinity).toBeGreaterThan(model.now)
      expect([...model.holds]).toEqual([])
    }))

  test('nothing starts that is paused', () => onStart(({ model }, { task }) => expect(model.paused(task)).toBe(false)))

  test('the board knows since when the oldest due task of a pool is, paused or not', () =>
    always(
      {
        quiet: ({ board, model }) => {
          for (const pool of POOLS) {
            for (const tenant of [undefined, 'acme']) {
              const isOwn = (task: Waiting) => task.pool === pool && (tenant ?? task.tenant) === task.tenant
              const own = model.waiting.filter((task) => isOwn(task) && model.isDue(task))
              const times = own.map(({ notBefore, createdAt }) => notBefore ?? createdAt)
              const oldest = Math.min(Infinity, ...times)
              expect(board.figures.oldestDueAt(pool, tenant) ?? Infinity).toBe(oldest)
            }
          }
        },
      },
      headSizes,
    ))

  test('the board gives the slot that was planned, and counts what there is', () =>
    always({
      quiet: ({ board, model }) => {
        for (const pool of POOLS) {
          const queued = model.waiting.filter((task) => task.pool === pool).length
          expect(board.figures.counts()[pool]).toEqual({ queued, running: model.runs((task) => task.pool === pool) })
          expect(board.pools.freeSlot(pool)).toBe(model.freeSlot(pool))
        }
      },
    }))

  test('planning leaves no trace on the board', () => {
    const property = fc.property(policies, actions, (policy, actions) => {
      const world = new World(policy, headSizes)
      for (const action of actions) world.meet(action)
      world.board.advance(world.model.now)
      const before = snapshotOf(world.board)
      for (const { id } of world.model.waiting) expect(before).toContain(`"${id}"`)
      expect(world.plan()).toEqual(world.plan())
      expect(snapshotOf(world.board)).toBe(before)
    })
    fc.assert(property, { numRuns: 10 })
  }, 60_000)
})

describe('LIVENESS: something good eventually happens', () => {
  test('when nothing is left to do, nothing could start and nothing has expired', () =>
    always({
      quiet: ({ model }) => {
        expect(model.expired()).toEqual([])
        expect(model.next()).toBeUndefined()
      },
    }))

  test('every task that stays starts or expires, once what runs ends', () => {
    const property = fc.property(policies, actions, (policy, actions) => {
      const world = new World(policy)
      for (const action of actions) {
        world.meet(action)
        world.turn()
      }
      for (const reason of world.board.pools.holds) world.release(reason)
      for (const id of [...world.model.pauses.keys()]) world.resume(id)
      for (const awaited of world.model.waiting.flatMap((task) => task.awaits)) world.settled(awaited)
      drain(world)
      expect(world.model.waiting).toEqual([])
    })
    fc.assert(property, { numRuns: 200 })
  })

  test('the board asks to be woken no later than time alone changes something', () =>
    always({
      quiet: ({ board, model }) => {
        const times = model.waiting.flatMap(({ notBefore, expiresAt }) => [notBefore, expiresAt])
        const ahead = times.filter((time) => time !== null && time > model.now)
        expect(board.nextWakeAt(model.now) ?? Infinity).toBe(Math.min(Infinity, ...(ahead as number[])))
      },
    }))

  test('however many tasks wait for a key, a task without it starts at once', () => {
    const property = fc.property(fc.integer({ min: 1, max: 200 }), (blocked) => {
      const world = new World(policyOf({ sharedSlots: 2 }))
      const request = { priority: 3600, concurrency: { key: 'org', limit: 1 }, delayMs: null, ttlMs: null }
      for (let left = blocked; left > 0; left -= 1) world.meet({ do: 'add', request })
      world.turn()
      world.meet({ do: 'add', request: { ...request, priority: -3600, concurrency: null } })
      world.turn()
      expect(world.model.runs((task) => task.concurrency === null)).toBe(1)
    })
    fc.assert(property, { numRuns: 20 })
  })
})

/** Ends what runs and lets time pass, until there is nothing left that either could start. */
function drain(world: World): void {
  for (let rounds = 2 * world.model.waiting.length + 1; rounds > 0; rounds -= 1) {
    for (const { task } of world.model.running) world.end(task.id)
    const wakeAt = world.board.nextWakeAt(world.model.now)
    if (wakeAt !== undefined) world.tick(wakeAt - world.model.now)
    world.turn()
  }
}
