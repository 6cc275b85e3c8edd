import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import type { Rule } from '../../src/contract/explanation.ts'
import type { Board } from '../../src/schedule/board.ts'
import { plan } from '../../src/schedule/plan.ts'
import { noLimit } from '../../src/schedule/policy.ts'
import { type Held, heldBy } from '../../src/schedule/rules.ts'
import type { Waiting } from '../../src/schedule/waiting.ts'
import { boardOf, turn, waiting } from './fixture.ts'
import { snapshotOf } from './snapshot.ts'
import { actions, policies, World } from './world.ts'

const explain = (board: Board, task: Waiting, now = 0): readonly Held[] =>
  heldBy({ scene: board.scene, task: board.scene.waiters.get(task.id) ?? task, now })

const rulesOf = (board: Board, task: Waiting, now = 0): readonly Rule[] =>
  explain(board, task, now).map(({ rule }) => rule)

/** Lets worlds live through random histories, some actions between two turns. */
function inWorlds(check: (world: World) => void, numRuns = 400): void {
  const memory = fc.constantFrom(noLimit, 200, 400)
  const property = fc.property(policies, actions, fc.nat(4), memory, (policy, actions, unplanned, memoryMiB) => {
    const world = new World({ ...policy, memoryMiB })
    for (const action of actions.slice(0, actions.length - unplanned)) {
      world.meet(action)
      world.turn()
    }
    for (const action of actions.slice(actions.length - unplanned)) world.meet(action)
    world.advance()
    check(world)
  })
  fc.assert(property, { numRuns })
}

describe('explanation and plan', () => {
  test('nothing but its turn holds a task back, if and only if it would start were it alone', () =>
    inWorlds((world) => {
      const { board, model, store } = world
      const candidates = model.waiting.filter((task) => (task.expiresAt ?? Infinity) > model.now)
      const task = candidates[Math.floor(candidates.length / 2)]
      if (!task) return
      const rules = rulesOf(board, task, model.now).filter((rule) => rule !== 'turn')
      for (const other of model.waiting.filter(({ id }) => id !== task.id)) {
        store.tasks.delete(other.id)
        board.remove(other)
      }
      store.restock(board, model.now)
      const decision = plan(board, model.now)
      expect(decision?.do === 'start' ? decision.task.id : undefined, `${rules}`).toBe(
        rules.length === 0 ? task.id : undefined,
      )
    }, 2_000))

  test('what starts next is held back by nothing, and everything else by something', () =>
    inWorlds((world) => {
      const { board, model } = world
      if (model.expired().length > 0) return
      const next = world.plan()?.task?.id
      for (const task of model.waiting) {
        expect(rulesOf(board, task, model.now).length === 0, task.id).toBe(task.id === next)
      }
    }))

  test('when nothing is left to do, every task that waits knows why, and says so in a sentence', () =>
    inWorlds((world) => {
      world.turn()
      const { board, model } = world
      for (const task of model.waiting) {
        const all = explain(board, task, model.now)
        expect(all.length).toBeGreaterThan(0)
        for (const { detail, limit, current } of all) {
          expect(detail).not.toMatch(/undefined|null|NaN|Infinity/)
          if (limit !== null) expect(current).toEqual(expect.any(Number))
        }
      }
    }))

  test(
    'explaining leaves no trace on the board',
    () =>
      inWorlds(({ board, model }) => {
        const before = snapshotOf(board)
        for (const task of model.waiting) explain(board, task, model.now)
        explain(board, waiting('unknown', { tenant: 'nobody' }))
        expect(snapshotOf(board)).toBe(before)
      }, 10),
    60_000,
  )
})

const one = (board: Board, task: Waiting, now = 0) => explain(board, task, now)[0]

describe('each rule', () => {
  const task = waiting('task')

  it('of the whole board: it is held', () => {
    const board = boardOf([task])
    board.pools.hold('the disk is full', 0)
    expect(one(board, task)).toMatchObject({ rule: 'hold', detail: 'nothing starts at all: the disk is full' })
  })

  it('of time: it is not due', () => {
    const later = waiting('later', { notBefore: 60_000 })
    expect(explain(boardOf([later]), later)).toMatchObject([
      { rule: 'due', until: 60_000, detail: 'it is not due before 1970-01-01T00:01:00.000Z' },
    ])
  })

  it('of children: some have not settled, and at its time it goes on without them', () => {
    const parent = waiting('parent', { awaits: ['a', 'b'], notBefore: 60_000 })
    const board = boardOf([parent])
    board.settled('a')
    expect(explain(board, parent)).toMatchObject([
      { rule: 'children', limit: 0, current: 1, detail: 'it is suspended until 1 child of it settle, or for its time' },
      { rule: 'due' },
    ])
  })

  it('of pauses: each with its reason, and what ends it', () => {
    const board = boardOf([task])
    board.pause({ id: 'p1', kind: 'lint', pool: null, tenant: 'acme', key: null, reason: 'a freeze' })
    board.pause({ id: 'p2', kind: null, pool: null, tenant: null, key: null })
    board.pause({ id: 'p3', kind: 'exec', pool: null, tenant: null, key: null })
    expect(explain(board, task).map(({ detail }) => detail)).toEqual([
      'everything is paused: it goes on when pause p2 is deleted',
      'kind lint, tenant acme is paused (a freeze): it goes on when pause p1 is deleted',
    ])
  })

  it('of its key: with the strictest limit of all that run', () => {
    const keyed = (id: string, limit: number) => waiting(id, { concurrency: { key: 'org', limit } })
    const board = boardOf([keyed('a', 2), keyed('b', 2)], { sharedSlots: 4 })
    turn(board)
    const next = keyed('c', 3)
    board.add(next)
    expect(one(board, next)).toMatchObject({ rule: 'key', limit: 2, current: 2 })
  })

  it.each([
    [{ running: 1 }, 'tenant-running', 1, 1],
    [{ poolRunning: { critical: 9, normal: 1, batch: 9 } }, 'tenant-pool-running', 1, 1],
    [{ memoryMiB: 300 }, 'tenant-memory', 300, 256],
  ] as const)('of its tenant: %j', (tenant, rule, limit, current) => {
    const board = boardOf([waiting('runs'), task], { tenant })
    turn(board)
    expect(one(board, task)).toMatchObject({ rule, limit, current, until: null })
  })

  it('of its tenant’s day: until it ends', () => {
    const board = boardOf([task], { tenant: { processSecondsPerDay: 10 } })
    board.used('acme', 12)
    expect(one(board, task)).toMatchObject({ rule: 'tenant-day', limit: 10, current: 12, until: 86_400_000 })
  })

  it('of its kind: as many run as may, of all tenants', () => {
    const kinds = new Map([['lint', { running: 1, windows: [] }]])
    const board = boardOf([waiting('runs', { tenant: 'globex' }), task], { kinds })
    turn(board)
    expect(rulesOf(board, task)).toEqual(['kind-running'])
  })

  it('of windows: of a kind until they open, of a pool beyond its share', () => {
    const windows = [{ from: '01:00', to: '02:00' }]
    const kinds = new Map([['backup', { running: 9, windows }]])
    const batch = { share: 0.5, windows }
    const backup = waiting('backup', { kind: 'backup' })
    const second = waiting('second', { pool: 'batch' })
    const board = boardOf([waiting('first', { pool: 'batch' }), second, backup], { kinds, pools: { batch } })
    turn(board)
    const until = 3_600_000
    expect(explain(board, backup)).toMatchObject([{ rule: 'kind-window', until }])
    expect(explain(board, second)).toMatchObject([{ rule: 'pool-share', limit: 1, current: 1, until }])
  })

  it('of its pool: as many run as may', () => {
    const board = boardOf([waiting('runs'), task], { pools: { normal: { max: 1 } } })
    turn(board)
    expect(one(board, task)).toMatchObject({ rule: 'pool-max', limit: 1, current: 1 })
  })

  it('of slots: none is free, or only one that another pool keeps', () => {
    const board = boardOf([waiting('a'), waiting('b'), task])
    turn(board)
    expect(explain(board, task)).toMatchObject([{ rule: 'slots', limit: 2, current: 2 }])
    board.resize(1)
    expect(explain(board, task)).toMatchObject([
      { rule: 'slots', limit: 1, detail: expect.stringMatching(/^1 of 2 shared slots are used/) },
    ])
    const kept = boardOf([waiting('a'), task], { pools: { batch: { min: 1 } } })
    turn(kept)
    expect(explain(kept, task)).toMatchObject([
      { rule: 'reserved', limit: 1, current: 1, detail: 'there is 1 free slot, which other pools keep for themselves' },
    ])
  })

  it('of memory: those that run leave too little, or it is kept for another', () => {
    const large = waiting('large', { pool: 'critical', memoryMiB: 900 })
    const board = boardOf([waiting('runs'), large, task], { memoryMiB: 1_000, sharedSlots: 3 })
    board.start('runs', 0)
    expect(explain(board, large)).toMatchObject([{ rule: 'memory', limit: 1_000, current: 256 }])
    expect(explain(board, task)).toMatchObject([{ rule: 'turn', detail: 'a task of a higher pool is served first' }])
  })

  it('of preemption: a slot is being freed for one, and kept from all others', () => {
    const victim = waiting('victim', { pool: 'batch' })
    const board = boardOf([victim, waiting('other', { pool: 'batch' })], { preemption: { most: 1 } })
    turn(board)
    board.add(task)
    expect(turn(board)).toEqual(['preempt other for task'])
    expect(explain(board, task)).toMatchObject([
      { rule: 'promised', detail: 'a slot is being freed for it: 1 task of the batch pool is ended' },
    ])
    board.end('other', 1, 'lost')
    board.add(waiting('late'))
    expect(rulesOf(board, waiting('late'), 1)).toEqual(['kept'])
  })

  it('of order: others are before it', () => {
    const board = boardOf([waiting('first'), task])
    expect(rulesOf(board, waiting('first'))).toEqual([])
    expect(rulesOf(board, task)).toEqual(['turn'])
  })
})
