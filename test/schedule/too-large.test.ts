import { expect, test } from 'vitest'
import { Board } from '../../src/schedule/board.ts'
import { heldBy } from '../../src/schedule/rules.ts'
import { boardOf, policyOf, turn, waiting } from './fixture.ts'
import { Store } from './store.ts'

const open = policyOf().tenant
const small = { ...open, memoryMiB: 300 }
const detail = (board: Board, id: string) => {
  const task = board.scene.waiters.get(id)
  if (!task) throw new Error(`${id} does not wait`)
  return heldBy({ scene: board.scene, task, now: 0 }).map(({ rule, detail }) => [rule, detail])
}

test('a task that asks for more than its tenant may have by now holds up no other, and says what to do', () => {
  const board = boardOf([waiting('large', { memoryMiB: 512 }), waiting('b', { createdAt: 1 })])
  board.grant('acme', small)
  board.add(waiting('larger', { memoryMiB: 1_024, createdAt: 2 }))
  expect(turn(board)).toEqual(['start b'])
  for (const [id, mib] of [
    ['large', 512],
    ['larger', 1_024],
  ] as const) {
    expect(detail(board, id)).toContainEqual([
      'tenant-memory',
      `it may use ${mib} MiB by its limits, and all tasks of the tenant together 300 MiB by now: it never starts unless an admin raises memoryMiB of the tenant; cancel it and submit it with less`,
    ])
  }
  expect(board.figures.counts('acme').normal).toEqual({ queued: 2, running: 1 })
  board.end('b', 0, 'typical')
  board.remove(waiting('larger', { memoryMiB: 1_024, createdAt: 2 }))
  expect(turn(board)).toEqual([])
  board.grant('acme', null)
  expect(turn(board)).toEqual(['start large'])
  board.end('large', 0, 'typical')
  expect(board.figures.counts('acme').normal).toEqual({ queued: 0, running: 0 })
})

test('neither where most of a lane is in the journal, and it comes back in its order', () => {
  const board = new Board(policyOf({ sharedSlots: 1 }), { lane: { most: 3, low: 2 }, dated: { most: 3, low: 2 } })
  const store = new Store()
  const all = Array.from({ length: 20 }, (_, at) =>
    waiting(`t${String(at).padStart(2, '0')}`, { createdAt: at, memoryMiB: at % 2 === 0 ? 512 : 64 }),
  )
  for (const task of all) {
    store.tasks.set(task.id, task)
    board.add(task)
  }
  const starts = () => {
    const started: string[] = []
    for (;;) {
      store.restock(board, 0)
      const done = turn(board)
      if (done.length === 0) return started
      const id = (done[0] as string).slice('start '.length)
      started.push(id)
      store.tasks.delete(id)
      board.end(id, 0, 'typical')
    }
  }
  board.grant('acme', small)
  expect(starts()).toEqual(all.filter(({ memoryMiB }) => memoryMiB === 64).map(({ id }) => id))
  board.grant('acme', null)
  expect(starts()).toEqual(all.filter(({ memoryMiB }) => memoryMiB === 512).map(({ id }) => id))
})

test('of very many only some are put aside', () => {
  const board = boardOf([])
  board.grant('acme', small)
  for (let at = 0; at < 5_000; at += 1) board.add(waiting(`t${at}`, { createdAt: at, memoryMiB: 512 }))
  expect(board.scene.tenants.known('acme')?.tooLarge.size).toBe(1_024)
  expect(turn(board)).toEqual([])
})
