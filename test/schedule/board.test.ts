import { describe, expect, test } from 'vitest'
import { unknownYet } from '../../src/schedule/awaiting.ts'
import { Board } from '../../src/schedule/board.ts'
import { noCounts } from '../../src/schedule/counts.ts'
import { POOLS } from '../../src/task/task.ts'
import { boardOf, policyOf, turn, waiting } from './fixture.ts'
import { keptBy } from './snapshot.ts'

describe('the board', () => {
  test('forgets a task that is removed while it waits', () => {
    const board = boardOf([waiting('a')])
    expect(board.remove(waiting('a'))).toBe(true)
    expect(turn(board)).toEqual([])
    expect(board.figures.counts().normal).toEqual({ queued: 0, running: 0 })
  })

  test('replaces a task that is added again', () => {
    const board = boardOf([waiting('a'), waiting('a', { notBefore: 1000 })])
    expect(board.figures.counts().normal.queued).toBe(1)
    expect(turn(board)).toEqual([])
  })

  test('refuses a task that still runs, so that it never runs twice at once', () => {
    const board = boardOf([waiting('a')])
    turn(board)
    expect(() => board.add(waiting('a'))).toThrow('must end before it waits again')
    board.end('a', 0, 'counts')
    board.add(waiting('a', { front: true }))
    expect(turn(board)).toEqual(['start a'])
  })

  test('starts only what waits and has a slot', () => {
    const board = boardOf([waiting('a'), waiting('b')], { sharedSlots: 1 })
    expect(board.start('a', 0)).toBe('shared')
    expect(() => board.start('a', 0)).toThrow('it does not wait')
    expect(() => board.start('b', 0)).toThrow('no free slot')
  })

  test('frees a slot once, however often it is told', () => {
    const board = boardOf([waiting('a'), waiting('b'), waiting('c')], { sharedSlots: 1 })
    turn(board)
    expect([board.end('a', 0, 'counts'), board.end('a', 0, 'counts')]).toEqual([true, false])
    expect(turn(board)).toEqual(['start b'])
  })

  test('counts what is queued, due or not, and what runs, by pool and by tenant', () => {
    const board = boardOf([
      waiting('a'),
      waiting('b', { notBefore: 99 }),
      waiting('c', { tenant: 'globex', pool: 'batch' }),
    ])
    board.start('a', 0)
    expect(board.figures.counts()).toMatchObject({
      normal: { queued: 1, running: 1 },
      batch: { queued: 1, running: 0 },
    })
    expect(board.figures.counts('globex')).toEqual({ ...noCounts(), batch: { queued: 1, running: 0 } })
    expect(board.figures.counts('nobody')).toEqual(noCounts())
  })

  test('says when to look again', () => {
    const board = boardOf([waiting('plain')])
    expect(board.nextWakeAt(0)).toBeUndefined()
    board.add(waiting('later', { notBefore: 2000 }))
    board.add(waiting('old', { expiresAt: 1000 }))
    expect([board.nextWakeAt(0), board.nextWakeAt(1500)]).toEqual([1000, 1500])
  })

  test('keeps nothing of tenants, keys and tasks that are gone', () => {
    const board = boardOf([])
    const empty = keptBy(board)
    for (const pool of POOLS) board.add(waiting(pool, { pool, concurrency: { key: pool, limit: 1 }, expiresAt: 9 }))
    board.add(waiting('later', { tenant: 'globex', notBefore: 9 }))
    turn(board)
    expect(keptBy(board)).not.toBe(empty)
    for (const pool of POOLS) board.end(pool, 0, 'nothing')
    board.remove(waiting('later', { tenant: 'globex', notBefore: 9 }))
    expect(keptBy(board)).toBe(empty)
  })
})

/** Nothing is left to the journal. */
const allHere = { lane: { most: 1e6, low: 0 }, dated: { most: 1e6, low: 0 } }

/** Makes tasks that count how often their order is looked at: every comparison looks at two. */
function counted(total: number, tenants: number, keys: number) {
  const looks = { count: 0 }
  const tasks = Array.from({ length: total }, (_, at) => ({
    ...waiting(String(at), { tenant: `tenant ${at % tenants}`, createdAt: (at * 7919) % total, expiresAt: total }),
    concurrency: at % 2 === 0 ? null : { key: `org ${at % keys}`, limit: 1 },
    get front() {
      looks.count += 1
      return false
    },
  }))
  return { tasks, looks }
}

describe('a task that waits for others', () => {
  test('is due when the last of them has settled', () => {
    const board = boardOf([waiting('parent', { awaits: ['a', 'b'] })])
    expect(turn(board)).toEqual([])
    expect([board.settled('a'), board.settled('a'), board.settled('stranger')]).toEqual([false, false, false])
    expect(turn(board)).toEqual([])
    expect(board.settled('b')).toBe(true)
    expect(turn(board)).toEqual(['start parent'])
    expect(board.settled('b')).toBe(false)
  })

  test('is due at its time, if that comes first', () => {
    const board = boardOf([waiting('parent', { awaits: ['a'], notBefore: 1_000 })])
    expect(board.nextWakeAt(0)).toBe(1_000)
    expect(turn(board, 999)).toEqual([])
    expect(turn(board, 1_000)).toEqual(['start parent'])
    expect(board.settled('a')).toBe(false)
  })

  test('is due at once when it turns out that nobody is left to wait for, whatever its time', () => {
    const board = boardOf([waiting('parent', { awaits: unknownYet, notBefore: 1_000 })])
    expect(board.await({ id: 'parent', attempt: 0 }, [])).toBe(true)
    expect(turn(board)).toEqual(['start parent'])
  })

  test('keeps its time beside those it waits for, once they are known', () => {
    const board = boardOf([waiting('parent', { awaits: unknownYet, notBefore: 1_000 })])
    expect(board.await({ id: 'parent', attempt: 0 }, ['a'])).toBe(true)
    expect(turn(board, 999)).toEqual([])
    expect(turn(board, 1_000)).toEqual(['start parent'])
  })

  test('is not told for whom it waited when it is not the same any more', () => {
    const board = boardOf([waiting('parent', { awaits: unknownYet })])
    expect(board.await({ id: 'parent', attempt: 1 }, [])).toBe(false)
    board.add(waiting('parent', { expiresAt: null, front: true }))
    expect(board.await({ id: 'parent', attempt: 0 }, ['a'])).toBe(false)
    expect(turn(board)).toEqual(['start parent'])
    expect(board.await({ id: 'parent', attempt: 0 }, [])).toBe(false)
  })

  test('waits for nobody any more when it is taken out', () => {
    const board = boardOf([waiting('parent', { awaits: ['a'] })])
    board.remove(waiting('parent'))
    expect(board.settled('a')).toBe(false)
    expect(turn(board)).toEqual([])
  })
})

describe('a start costs a few comparisons', () => {
  test.each([
    { total: 10_000, tenants: 1_000, keys: 7 },
    { total: 4_000, tenants: 1, keys: 1 },
    { total: 5_000, tenants: 1, keys: 4_999 },
    { total: 5_000, tenants: 5_000, keys: 7 },
  ])(
    'among $total tasks of $tenants tenants with $keys keys',
    ({ total, tenants, keys }) => {
      const { tasks, looks } = counted(total, tenants, keys)
      const board = new Board(policyOf({ sharedSlots: 16, tenant: { running: 4 } }), allHere)
      for (const task of tasks) board.add(task)
      expect(runAll(board)).toBe(total)
      expect(looks.count / 2 / total).toBeLessThan(3 * Math.log2(total))
    },
    120_000,
  )
})

/** Starts what may start, ends the one that runs longest, and so on; how many were started. */
function runAll(board: Board): number {
  const running: string[] = []
  let started = 0
  do {
    const done = turn(board).map((line) => line.replace('start ', ''))
    started += done.length
    running.push(...done)
  } while (board.end(running.shift() ?? '', 0, 'nothing'))
  return started
}
