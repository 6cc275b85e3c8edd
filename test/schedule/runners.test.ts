import { describe, expect, test } from 'vitest'
import type { Board } from '../../src/schedule/board.ts'
import { boardOf, policyOf, type Terms, turn, waiting } from './fixture.ts'
import { snapshotOf } from './snapshot.ts'

const critical = { pool: 'critical' } as const
const batch = { pool: 'batch' } as const

const terms = (sharedSlots: number): Terms => ({
  sharedSlots,
  pools: { critical: { min: 0 } },
  preemption: { exemptSeconds: 0, most: 3 },
})

/** A board on which batch tasks take every slot. */
function fullBoard(...ids: string[]): Board {
  const board = boardOf(
    ids.map((id) => waiting(id, batch)),
    terms(ids.length),
  )
  for (const id of ids) board.start(id, 0)
  return board
}

describe('a slot that is freed for a task', () => {
  test('goes to it, whoever comes meanwhile', () => {
    const board = fullBoard('b')
    board.add(waiting('n'))
    expect(turn(board, 1)).toEqual(['preempt b for n'])
    board.add(waiting('c', { ...critical, priority: 3600, front: true }))
    board.add(waiting('m', { front: true }))
    expect(turn(board, 2)).toEqual([])
    board.end('b', 3, 'lost')
    board.add(waiting('b', { ...batch, attempt: 1, front: true, preemptions: 1 }))
    expect(turn(board, 3)).toEqual(['start n'])
  })

  test('is another one when that comes free sooner', () => {
    const board = fullBoard('1', '2')
    board.add(waiting('n'))
    expect(turn(board, 1)).toEqual(['preempt 1 for n'])
    board.end('2', 2, 'typical')
    expect(turn(board, 2)).toEqual(['start n'])
    board.add(waiting('later', batch))
    expect(turn(board, 2)).toEqual([])
    board.end('1', 3, 'lost')
    expect(turn(board, 3)).toEqual(['start later'])
  })

  test('is one of its own pool when that comes free sooner', () => {
    const board = boardOf([waiting('own', critical), waiting('b', batch)], { ...terms(1), pools: {} })
    expect(turn(board)).toEqual(['start own', 'start b'])
    board.add(waiting('c', critical))
    expect(turn(board, 1)).toEqual(['preempt b for c'])
    board.end('own', 2, 'typical')
    expect(turn(board, 2)).toEqual(['start c'])
  })

  test('is there as well when whoever was to end ends by itself', () => {
    const board = fullBoard('b')
    board.add(waiting('n'))
    turn(board, 1)
    board.end('b', 2, 'typical')
    expect(turn(board, 2)).toEqual(['start n'])
  })

  test('is one for each', () => {
    const board = fullBoard('1', '2', '3')
    for (const id of ['n', 'm']) board.add(waiting(id))
    expect(turn(board, 1)).toEqual(['preempt 1 for m', 'preempt 2 for n'])
    board.end('2', 2, 'lost')
    expect(turn(board, 2)).toEqual(['start m'])
    board.end('1', 3, 'lost')
    expect(turn(board, 3)).toEqual(['start n'])
  })
})

describe('nothing is held any more', () => {
  /** `b` ends for `n`, behind which a batch task waits. */
  function promised(more: Parameters<typeof waiting>[1] = {}): Board {
    const board = fullBoard('b')
    board.add(waiting('n', more))
    board.add(waiting('z', batch))
    expect(turn(board, 1)).toEqual(['preempt b for n'])
    return board
  }

  test('when that task is cancelled', () => {
    const board = promised()
    expect(board.remove(waiting('n'))).toBe(true)
    board.end('b', 2, 'lost')
    expect(turn(board, 2)).toEqual(['start z'])
    expect(board.figures.counts().normal).toEqual({ queued: 0, running: 0 })
  })

  test('when it expires, also while the board is held', () => {
    const board = promised({ expiresAt: 1_000 })
    board.pools.hold('the disk is full', 1)
    expect(board.nextWakeAt(1)).toBe(1_000)
    expect(turn(board, 1_000)).toEqual(['expire n'])
    board.pools.release('the disk is full')
    board.end('b', 2_000, 'lost')
    expect(turn(board, 2_000)).toEqual(['start z'])
  })

  test('when it is paused; and when it is no longer, it comes as all others do', () => {
    const board = promised()
    board.pause({ id: 'p', kind: null, pool: 'normal', tenant: null, key: null })
    board.end('b', 2, 'lost')
    expect(turn(board, 2)).toEqual(['start z'])
    board.resume('p')
    board.end('z', 3, 'typical')
    expect(turn(board, 3)).toEqual(['start n'])
  })

  test.each([
    { what: 'its tenant may run nothing any more', change: { running: 0 } },
    { what: 'its tenant has used up its day', change: { processSecondsPerDay: 1 } },
    { what: 'its tenant may use less memory', change: { memoryMiB: 200 } },
    { what: 'its pool is closed to its tenant', change: { poolRunning: { critical: 9, normal: 0, batch: 9 } } },
  ])('when $what', ({ change }) => {
    const board = promised()
    board.grant('acme', { ...board.policy.tenant, ...change })
    board.used('acme', 1)
    expect(turn(board, 2)).toEqual([])
    expect(board.figures.counts().normal).toEqual({ queued: 1, running: 0 })
    board.end('b', 2, 'lost')
    expect(turn(board, 2).filter((line) => line === 'start n')).toEqual([])
    board.grant('acme', null)
    board.end('z', 3, 'typical')
    expect(turn(board, 3)).toEqual(['start n'])
  })

  test('when another policy leaves it no room in its pool or kind', () => {
    for (const policy of [
      policyOf({ ...terms(1), pools: { critical: { min: 0 }, normal: { max: 0 } } }),
      policyOf({ ...terms(1), kinds: new Map([['deploy', { running: 0, windows: [] }]]) }),
    ]) {
      const board = promised({ kind: 'deploy' })
      board.adopt(policy)
      board.end('b', 2, 'lost')
      expect(turn(board, 2)).toEqual(['start z'])
    }
  })

  test('when the window of its kind closes first', () => {
    const windows = [{ from: '00:00', to: '01:00', timeZone: 'UTC' }]
    const board = boardOf([], { ...terms(1), kinds: new Map([['deploy', { running: 9, windows }]]) })
    board.advance(0)
    for (const task of [waiting('b', batch), waiting('n', { kind: 'deploy' })]) board.add(task)
    board.start('b', 0)
    expect(turn(board, 1)).toEqual(['preempt b for n'])
    board.add(waiting('z', batch))
    expect(turn(board, 3_600_000)).toEqual([])
    board.end('b', 3_600_000, 'lost')
    expect(turn(board, 3_600_000)).toEqual(['start z'])
  })
})

describe('a promise', () => {
  test('that the ends of others no longer keep is made anew when no more runs than may', () => {
    const board = fullBoard('1', '2')
    board.add(waiting('n'))
    expect(turn(board, 1)).toEqual(['preempt 1 for n'])
    board.resize(1)
    expect(turn(board, 2)).toEqual([])
    board.end('1', 3, 'lost')
    expect(turn(board, 3)).toEqual(['preempt 2 for n'])
    board.end('2', 3, 'lost')
    expect(turn(board, 3)).toEqual(['start n'])
  })

  test('is made anew at once when a start takes the memory that it counted on', () => {
    const board = boardOf([], { ...terms(3), pools: { critical: { min: 1 } }, memoryMiB: 500 })
    board.add(waiting('b', { ...batch, memoryMiB: 100 }))
    board.add(waiting('x', { ...batch, memoryMiB: 300 }))
    expect(turn(board)).toEqual(['start b', 'start x'])
    board.add(waiting('n', { memoryMiB: 150 }))
    expect(turn(board, 1)).toEqual(['preempt b for n'])
    board.add(waiting('c', { ...critical, memoryMiB: 100 }))
    expect(turn(board, 2)).toEqual(['start c', 'preempt x for n'])
    for (const id of ['b', 'x']) board.end(id, 3, 'lost')
    expect(turn(board, 3)).toEqual(['start n'])
  })

  test('lasts while a full disk holds everything, and is kept after it', () => {
    const board = fullBoard('b')
    board.add(waiting('n'))
    turn(board, 1)
    board.pools.hold('the disk is full', 1)
    board.end('b', 2, 'lost')
    expect(turn(board, 2)).toEqual([])
    board.add(waiting('c', critical))
    board.pools.release('the disk is full')
    expect(turn(board, 3)).toEqual(['start n'])
  })

  test('counts as running under every rule, and as queued for whoever asks', () => {
    const board = boardOf([waiting('b', { ...batch, tenant: 'globex' })], { ...terms(1), tenant: { running: 1 } })
    board.start('b', 0)
    for (const id of ['n', 'm']) board.add(waiting(id, { createdAt: 7 }))
    expect(turn(board, 10)).toEqual(['preempt b for m'])
    expect(turn(board, 10)).toEqual([])
    expect(board.figures.counts('acme').normal).toEqual({ queued: 2, running: 0 })
    expect([
      board.figures.queuedOf('acme'),
      board.figures.queuedOf('acme', 'normal'),
      board.figures.oldestDueAt('normal'),
    ]).toEqual([2, 2, 7])
    expect(board.figures.tenants()).toEqual([
      { tenant: 'globex', queued: 0, busy: 1 },
      { tenant: 'acme', queued: 2, busy: 0 },
    ])
    board.remove(waiting('n'))
    board.end('b', 10, 'lost')
    expect(turn(board, 10)).toEqual(['start m'])
    expect(board.figures.counts('acme').normal).toEqual({ queued: 0, running: 1 })
  })

  test('is charged like a start, so that one tenant does not get them all', () => {
    const board = fullBoard('1', '2', '3', '4')
    for (const id of ['a1', 'a2', 'a3', 'a4']) board.add(waiting(id))
    for (const id of ['g1', 'g2', 'g3', 'g4']) board.add(waiting(id, { tenant: 'globex', createdAt: 9 }))
    const whom = turn(board, 1).map((line) => line.split(' ').at(-1))
    expect(whom).toEqual(['a1', 'g1', 'a2', 'g2'])
  })

  test('leaves nothing behind when it is broken', () => {
    const task = waiting('n', { tenant: 'globex', expiresAt: 5_000, concurrency: { key: 'org', limit: 1 } })
    const afterwards = (isPromised: boolean) => {
      const board = fullBoard('b')
      board.add(task)
      board.advance(0)
      if (isPromised) board.promise(task, [])
      board.remove(task)
      return snapshotOf(board)
    }
    expect(afterwards(true)).toBe(afterwards(false))
  })

  test('is broken when the task is added again: its newest commit tells the truth', () => {
    const board = fullBoard('b')
    board.add(waiting('n'))
    turn(board, 1)
    board.add(waiting('n', { notBefore: 9_000 }))
    board.end('b', 2, 'lost')
    expect(turn(board, 2)).toEqual([])
    expect(turn(board, 9_000)).toEqual(['start n'])
  })
})
