import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { plan } from '../../src/schedule/plan.ts'
import { Room } from '../../src/schedule/room.ts'
import { victimsFor } from '../../src/schedule/victims.ts'
import { boardOf, policyOf, type Terms, turn, waiting } from './fixture.ts'

const minute = 60_000
const critical = { pool: 'critical' } as const
const batch = { pool: 'batch' } as const

/** No slot but shared ones, and whoever runs may be ended at once, three times. */
const terms = (more: Terms = {}): Terms => ({
  ...more,
  pools: { critical: { min: 0 }, ...more.pools },
  preemption: { exemptSeconds: 0, most: 3, ...more.preemption },
})

/** A board on which these run, each started a second after the one before. */
function running(tasks: readonly ReturnType<typeof waiting>[], more: Terms = {}) {
  const board = boardOf([], terms({ sharedSlots: tasks.length, ...more }))
  tasks.forEach((task, at) => {
    board.add(task)
    board.start(task.id, at * 1000)
  })
  return board
}

describe('whoever finds no slot', () => {
  test.each(['critical', 'normal'] as const)('has a batch task end for it when it is %s', (pool) => {
    const board = running([waiting('b', batch)])
    board.add(waiting('a', { pool }))
    expect(turn(board, minute)).toEqual(['preempt b for a'])
  })

  test('waits when it is batch itself', () => {
    const board = running([waiting('b', batch)])
    board.add(waiting('a', { ...batch, front: true, priority: 3600 }))
    expect(turn(board, minute)).toEqual([])
  })

  test.each(['critical', 'normal'] as const)('waits when all others are %s', (pool) => {
    const board = running([waiting('b', { pool })])
    board.add(waiting('a', critical))
    expect(turn(board, minute)).toEqual([])
  })

  test('takes a slot of its own pool before anybody ends for it', () => {
    const board = running([waiting('b', batch)], { pools: { critical: { min: 1 } } })
    board.add(waiting('a', critical))
    expect(turn(board, minute)).toEqual(['start a'])
  })

  test('says why', () => {
    const board = running([waiting('b', batch)])
    board.add(waiting('a', critical))
    board.advance(minute)
    expect(plan(board, minute)?.reason).toBe('a critical task was due and found no room')
  })

  test('has nobody end before it is due', () => {
    const board = running([waiting('b', batch)])
    board.add(waiting('a', { ...critical, notBefore: 2 * minute }))
    expect(turn(board, minute)).toEqual([])
    expect(board.nextWakeAt(minute)).toBe(2 * minute)
    expect(turn(board, 2 * minute)).toEqual(['preempt b for a'])
  })
})

describe('nobody ends for a task that could not start anyway', () => {
  const a = waiting('a', { ...critical, kind: 'deploy', concurrency: { key: 'org', limit: 1 } })

  test('because its key is full', () => {
    const board = running([waiting('b', batch), waiting('n', { concurrency: { key: 'org', limit: 1 } })])
    board.add(a)
    expect(turn(board, minute)).toEqual([])
  })

  test('because its tenant is at its limit', () => {
    const board = running([waiting('b', batch)], { tenant: { running: 1 } })
    board.add(a)
    expect(turn(board, minute)).toEqual([])
    board.grant('acme', { ...board.policy.tenant, running: 2 })
    expect(turn(board, minute)).toEqual(['preempt b for a'])
  })

  test('because its pool runs as much as it may', () => {
    const board = running([waiting('b', batch), waiting('c', critical)], { pools: { critical: { min: 0, max: 1 } } })
    board.add(a)
    expect(turn(board, minute)).toEqual([])
  })

  test('because its kind does', () => {
    const kinds = new Map([['deploy', { running: 1, windows: [] }]])
    const board = running([waiting('b', { ...batch, kind: 'deploy', tenant: 'globex' })], { kinds })
    board.add(a)
    expect(turn(board, minute)).toEqual([])
  })

  test('because it is paused', () => {
    const board = running([waiting('b', batch)])
    board.pause({ id: 'p', kind: 'deploy', pool: null, tenant: null, key: null })
    board.add(a)
    expect(turn(board, minute)).toEqual([])
    board.resume('p')
    expect(turn(board, minute)).toEqual(['preempt b for a'])
  })

  test('because the board is held', () => {
    const board = running([waiting('b', batch)])
    board.pools.hold('the disk is full', 0)
    board.add(a)
    expect(turn(board, minute)).toEqual([])
  })

  test('because more runs than the machine is to bear', () => {
    const board = running([waiting('b1', batch), waiting('b2', batch), waiting('b3', batch)])
    board.resize(2)
    board.add(waiting('a', critical))
    expect(turn(board, minute)).toEqual([])
    board.end('b1', minute, 'counts')
    expect(turn(board, minute)).toEqual(['preempt b3 for a'])
  })

  test('because the slot that would come free is kept for another pool', () => {
    const board = running([waiting('b', batch)], { pools: { critical: { min: 0 }, batch: { min: 1 } } })
    board.add(a)
    expect(turn(board, minute)).toEqual([])
  })
})

describe('of those that may end', () => {
  test('the one that loses least does', () => {
    const board = running([waiting('old', batch), waiting('new', batch), waiting('middle', batch)])
    board.checkpointed('old', 2_500)
    board.add(waiting('a', critical))
    expect(turn(board, minute)).toEqual(['preempt old for a'])
  })

  test('the newest of equals does', () => {
    const board = boardOf([waiting('1', batch), waiting('2', batch)], terms())
    board.start('1', 0)
    board.start('2', 1_000)
    board.checkpointed('1', 5_000)
    board.checkpointed('2', 5_000)
    board.add(waiting('a', critical))
    expect(turn(board, minute)).toEqual(['preempt 2 for a'])
  })

  test('one whose tenant runs more than it may does, whatever it loses', () => {
    const board = running([waiting('1', { ...batch, tenant: 'globex' }), waiting('2', batch)])
    board.grant('globex', { ...board.policy.tenant, running: 0 })
    board.checkpointed('2', minute)
    board.add(waiting('a', critical))
    expect(turn(board, minute)).toEqual(['preempt 1 for a'])
  })

  test('none is among them in its first seconds', () => {
    const board = running([waiting('1', batch), waiting('2', batch)], { preemption: { exemptSeconds: 30 } })
    board.add(waiting('a', critical))
    expect(turn(board, 29_999)).toEqual([])
    expect(board.nextWakeAt(29_999)).toBe(30_000)
    expect(turn(board, 30_000)).toEqual(['preempt 1 for a'])
    expect(board.nextWakeAt(30_000)).toBeUndefined()
  })

  test('none is that was ended as often as may be', () => {
    const board = running([waiting('1', { ...batch, preemptions: 3 }), waiting('2', { ...batch, preemptions: 2 })])
    for (const id of ['a', 'c']) board.add(waiting(id, critical))
    expect(turn(board, minute)).toEqual(['preempt 2 for a'])
    expect(board.nextWakeAt(minute)).toBeUndefined()
  })

  test('no cleanup is', () => {
    const board = running([waiting('b', { ...batch, isCleanup: true })])
    board.add(waiting('a', critical))
    expect(turn(board, minute)).toEqual([])
  })

  test('none ends twice', () => {
    const board = running([waiting('1', batch), waiting('2', batch)])
    for (const id of ['a', 'c', 'd']) board.add(waiting(id, critical))
    expect(turn(board, minute)).toEqual(['preempt 2 for a', 'preempt 1 for c'])
  })
})

describe('for memory', () => {
  const large = { ...batch, memoryMiB: 600 }
  const small = { ...batch, memoryMiB: 100 }

  test('one ends whose memory suffices, and not one that is only cheaper', () => {
    const board = running([waiting('large', large), waiting('small', small)], { memoryMiB: 700 })
    board.add(waiting('a', { ...critical, memoryMiB: 500 }))
    expect(turn(board, minute)).toEqual(['preempt large for a'])
  })

  test('one large ends in the place of many small ones', () => {
    const tasks = [waiting('large', large), ...['1', '2', '3', '4', '5', '6'].map((id) => waiting(id, small))]
    const board = running(tasks, { memoryMiB: 1200 })
    board.add(waiting('a', { ...critical, memoryMiB: 600 }))
    expect(turn(board, minute)).toEqual(['preempt large for a'])
  })

  test('the cheapest of as few end', () => {
    const tasks = ['1', '2', '3', '4'].map((id) => waiting(id, { ...batch, memoryMiB: Number(id) * 100 }))
    const board = running(tasks, { memoryMiB: 1000 })
    board.add(waiting('a', { ...critical, memoryMiB: 500 }))
    expect(turn(board, minute)).toEqual(['preempt 4 and 3 for a'])
    const other = running(tasks.toReversed(), { memoryMiB: 1000 })
    other.add(waiting('a', { ...critical, memoryMiB: 500 }))
    expect(turn(other, minute)).toEqual(['preempt 1 and 4 for a'])
  })

  test('one ends also where there is a slot, but no memory', () => {
    const board = running([waiting('b', large)], { memoryMiB: 700, sharedSlots: 9 })
    board.add(waiting('a', { ...critical, memoryMiB: 500 }))
    expect(turn(board, minute)).toEqual(['preempt b for a'])
    board.add(waiting('n', { memoryMiB: 50 }))
    expect(turn(board, minute)).toEqual([])
    board.end('b', minute, 'lost')
    expect(turn(board, minute)).toEqual(['start a', 'start n'])
  })

  test('nobody ends when all of them together would not do', () => {
    const board = running([waiting('1', small), waiting('2', small)], { memoryMiB: 200 })
    board.add(waiting('a', { ...critical, memoryMiB: 201 }))
    expect(turn(board, minute)).toEqual([])
  })

  test('what another was promised is not counted twice', () => {
    const board = running([waiting('1', small), waiting('2', small)], { memoryMiB: 200, sharedSlots: 9 })
    board.add(waiting('a', { ...critical, memoryMiB: 60 }))
    board.add(waiting('c', { ...critical, memoryMiB: 60 }))
    expect(turn(board, minute)).toEqual(['preempt 2 for a', 'preempt 1 for c'])
  })
})

/** What runs in a room of so many slots and so much memory, all of them taken, and who is promised some of it. */
const scenes = fc.record({
  running: fc.array(
    fc.record({ memoryMiB: fc.integer({ min: 0, max: 4 }), lost: fc.nat(5), isPreempted: fc.boolean() }),
    { minLength: 1, maxLength: 6 },
  ),
  ahead: fc.array(fc.nat(4), { maxLength: 2 }),
  memoryMiB: fc.nat(8),
})

test('as few end as will do, and nobody in the place of one that loses less', () => {
  const property = fc.property(scenes, ({ running: those, ahead, memoryMiB }) => {
    const running = those.map(({ memoryMiB, lost, isPreempted }, at) => ({
      task: waiting(String(at), { ...batch, memoryMiB }),
      slot: 'shared' as const,
      startedAt: -1000 * lost,
      checkpointAt: undefined,
      paidSeconds: 0,
      countedSeconds: 0,
      pastSeconds: 0,
      preemptedAt: isPreempted ? 0 : undefined,
    }))
    const policy = policyOf(terms({ sharedSlots: running.length, memoryMiB: 12 }))
    const room = new Room(policy)
    for (const { task } of running) room.take('batch', 'shared', task.memoryMiB)
    const first = ahead.map((memoryMiB, at) => waiting(`p${at}`, { memoryMiB }))
    const found = victimsFor(
      waiting('a', { memoryMiB }),
      { running, ahead: first, room, policy, isOver: () => false },
      0,
    )

    const used = (some: readonly { task: { memoryMiB: number } }[]) =>
      some.reduce((sum, one) => sum + one.task.memoryMiB, 0)
    const wanted = memoryMiB + ahead.reduce((sum, one) => sum + one, 0)
    const ending = running.filter(({ preemptedAt }) => preemptedAt !== undefined)
    const suffices = (victims: typeof running) => {
      const ended = [...ending, ...victims]
      return ended.length > ahead.length && used(running) - used(ended) + wanted <= 12
    }
    const possible = subsetsOf(running.filter(({ preemptedAt }) => preemptedAt === undefined)).filter(suffices)
    const fewest = Math.min(...possible.map(({ length }) => length))
    if (fewest === 0 || fewest === Infinity) {
      expect(found).toBeUndefined()
      return
    }
    expect(found).toHaveLength(fewest)
    const victims = running.filter((one) => found?.includes(one))
    for (const victim of victims) {
      for (const other of running) {
        if (other.preemptedAt !== undefined || victims.includes(other) || other.startedAt <= victim.startedAt) continue
        expect(suffices([...victims.filter((one) => one !== victim), other])).toBe(false)
      }
    }
  })
  fc.assert(property, { numRuns: 2_000 })
})

function subsetsOf<T>(all: readonly T[]): T[][] {
  const [first, ...rest] = all
  if (first === undefined) return [[]]
  return subsetsOf(rest).flatMap((some) => [some, [first, ...some]])
}

describe('no preemption leads to another', () => {
  test('whoever was ended waits until something ends by itself', () => {
    const b = waiting('b', batch)
    const board = running([b])
    board.add(waiting('a', critical))
    expect(turn(board, minute)).toEqual(['preempt b for a'])
    board.end('b', minute, 'lost')
    board.add({ ...b, attempt: 1, front: true, preemptions: 1 })
    expect(turn(board, minute)).toEqual(['start a'])
    expect(turn(board, 60 * minute)).toEqual([])
    board.end('a', 60 * minute, 'typical')
    expect(turn(board, 60 * minute)).toEqual(['start b'])
  })
})
