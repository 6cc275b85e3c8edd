import { describe, expect, test } from 'vitest'
import { Board } from '../../src/schedule/board.ts'
import type { Shortage } from '../../src/schedule/waiters.ts'
import type { Waiting } from '../../src/schedule/waiting.ts'
import { policyOf, turn, waiting } from './fixture.ts'
import { keptBy } from './snapshot.ts'
import { Store } from './store.ts'

const sizes = { lane: { most: 3, low: 2 }, dated: { most: 3, low: 2 } }

/** A board, and the journal behind it. */
function setUp(terms: Parameters<typeof policyOf>[0] = {}) {
  const board = new Board(policyOf(terms), sizes)
  const store = new Store()
  const add = (task: Waiting) => {
    store.tasks.set(task.id, task)
    board.add(task)
  }
  const remove = (task: Waiting) => {
    store.tasks.delete(task.id)
    board.remove(task)
  }
  const asked = (): readonly Shortage[] => board.takeShortages()
  const answer = (shortages: readonly Shortage[]) => {
    for (const shortage of shortages) board.fill(shortage, store.find(shortage, 0))
  }
  /** Reads now, and lets the board hear of it later. */
  const read = (shortages: readonly Shortage[]) => {
    const found = shortages.map((shortage) => ({ shortage, tasks: store.find(shortage, 0) }))
    return () => {
      for (const { shortage, tasks } of found) board.fill(shortage, tasks)
    }
  }
  return { board, store, add, remove, asked, answer, read }
}

const many = (name: string, count: number) => Array.from({ length: count }, (_, at) => waiting(`${name}${at}`))

describe('a look into the journal that arrives late', () => {
  test('does not bring back what has expired meanwhile', () => {
    const { board, add, remove, asked, read } = setUp()
    const tasks = many('a', 5).map((task) => (task.id === 'a4' ? { ...task, expiresAt: 10 } : task))
    for (const task of tasks) add(task)
    board.advance(10)
    const expired = board.expired(10) as Waiting
    board.expire(expired)
    board.start('a0', 10)
    board.start('a1', 10)
    const arrive = read(asked())
    remove(expired)
    arrive()
    expect(board.figures.counts().normal).toEqual({ queued: 2, running: 2 })
    board.end('a0', 10, 'counts')
    board.end('a1', 10, 'counts')
    expect(turn(board, 10)).toEqual(['start a2', 'start a3'])
    board.end('a2', 10, 'counts')
    expect(turn(board, 10)).toEqual([])
  })

  test('does not let expire what ran and ended meanwhile', () => {
    const { board, store, add, remove, asked, read } = setUp({ sharedSlots: 1 })
    const at = (index: number) => ({ expiresAt: 1_000 + index, notBefore: null })
    const tasks = many('a', 5).map((task, index) => ({ ...task, ...at(index), priority: index }))
    for (const task of tasks) add(task)
    expect(turn(board)).toEqual(['start a4'])
    for (const task of tasks.slice(0, 3)) remove(task)
    const arrive = read(asked())
    store.tasks.delete('a4')
    board.end('a4', 0, 'counts')
    arrive()
    board.pools.hold('a test', 0)
    expect(turn(board, 2_000)).toEqual(['expire a3'])
    expect(board.figures.counts().normal).toEqual({ queued: 0, running: 0 })
  })
})

describe('a tenant of which everything was cancelled', () => {
  test('comes again while the journal is still asked for what there was', () => {
    const { board, store, add, remove, asked, answer } = setUp({ sharedSlots: 1 })
    const first = many('a', 6)
    for (const task of first) add(task)
    for (const task of first) remove(task)
    const shortages = asked()
    expect(shortages).toHaveLength(1)
    const second = many('b', 9)
    for (const task of second) add(task)
    answer(shortages)
    const started: string[] = []
    for (let round = 0; round < 20; round += 1) {
      for (const sentence of turn(board)) started.push(sentence)
      for (const id of started.map((sentence) => sentence.replace('start ', ''))) {
        store.tasks.delete(id)
        board.end(id, 0, 'counts')
      }
      answer(asked())
    }
    expect(started).toEqual(second.map(({ id }) => `start ${id}`))
    expect(board.figures.counts().normal).toEqual({ queued: 0, running: 0 })
  })

  test('is forgotten as soon as the journal has said that nothing is left', () => {
    const { board, add, remove, asked, answer } = setUp()
    const empty = keptBy(board)
    const tasks = many('a', 6)
    for (const task of tasks) add(task)
    for (const task of tasks) remove(task)
    answer(asked())
    expect(keptBy(board)).toBe(empty)
  })
})
