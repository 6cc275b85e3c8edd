import { describe, expect, test } from 'vitest'
import { Board } from '../../src/schedule/board.ts'
import { headSizes } from '../../src/schedule/head.ts'
import { plan } from '../../src/schedule/plan.ts'
import { heapMiB } from '../bench/memory.ts'
import { cpuOfPass } from '../fixtures/cpu.ts'
import { boardOf, policyOf, turn, waiting } from './fixture.ts'

const passes = 4_500
const everything = { id: 'p', kind: null, pool: null, tenant: null, key: null }

/** CPU of a turn of a tenant that has nothing to do with what else is on the board, in microseconds. */
function costOf(board: Board): number {
  return cpuOfPass(passes, (pass) => {
    board.add(waiting(`other-${pass}`, { tenant: 'other' }))
    expect(turn(board, pass)).toEqual([`start other-${pass}`])
    board.end(`other-${pass}`, pass, 'counts')
  })
}

/** Above what differs by chance, far below what a look at everything would take. */
function expectAsCheap(board: Board): void {
  expect(costOf(board)).toBeLessThan(3 * costOf(boardOf([])) + 50)
}

describe('what is blocked costs the others nothing', () => {
  test('a hundred thousand keys of one tenant, each of them taken', () => {
    const board = new Board(policyOf({ sharedSlots: 100_001 }))
    for (let key = 0; key < 100_000; key++) {
      const concurrency = { key: String(key), limit: 1 }
      board.add(waiting(`a${key}`, { concurrency }))
      board.start(`a${key}`, 0)
      board.add(waiting(`b${key}`, { concurrency }))
    }
    expect(plan(board, 0)).toBeUndefined()
    board.end('a77777', 0, 'counts')
    expect(turn(board)).toEqual(['start b77777'])
    const { running } = board.figures.counts('acme').normal
    expect(running).toBe(100_000)
  }, 60_000)

  test('a hundred thousand keys of one tenant, all of them paused', () => {
    const board = boardOf([])
    board.pause({ ...everything, tenant: 'acme' })
    for (let key = 0; key < 100_000; key++) {
      board.add(waiting(`a${key}`, { concurrency: { key: String(key), limit: 1 } }))
    }
    expectAsCheap(board)
    board.resume('p')
    expect(turn(board, passes)).toEqual(['start a0', 'start a1'])
  }, 60_000)

  test('a hundred thousand keys of the same tenant, all of them paused', () => {
    const board = boardOf([])
    board.pause({ ...everything, tenant: 'other', pool: 'batch' })
    for (let key = 0; key < 100_000; key++) {
      const concurrency = { key: String(key), limit: 1 }
      board.add(waiting(`a${key}`, { tenant: 'other', pool: 'batch', concurrency }))
    }
    expectAsCheap(board)
  }, 60_000)

  test('pauses of ten thousand tenants', () => {
    const board = boardOf([])
    for (let tenant = 0; tenant < 10_000; tenant++) {
      board.pause({ ...everything, id: `p${tenant}`, tenant: `t${tenant}` })
      board.add(waiting(`a${tenant}`, { tenant: `t${tenant}` }))
    }
    expectAsCheap(board)
    board.resume('p4711')
    expect(turn(board, passes)).toEqual(['start a4711'])
  }, 60_000)

  test('a million tasks that are not due, of which only the next are in memory', () => {
    const board = boardOf([])
    const before = heapMiB()
    for (let at = 0; at < 1_000_000; at++) {
      board.add(waiting(`a${at}`, { tenant: `t${at % 1_000}`, notBefore: 1e9 + at, expiresAt: 2e9 + at }))
    }
    // A thousand tenants and twice the head of what waits for a time.
    expect(heapMiB() - before).toBeLessThan(20)
    expect(board.figures.counts().normal.queued).toBe(1_000_000)
    expectAsCheap(board)
    expect(board.nextWakeAt(0)).toBe(1e9)
  }, 120_000)

  test('a million tasks in one lane, of which only the first are in memory', () => {
    const board = boardOf([], { tenant: { running: 1 } })
    board.add(waiting('first'))
    turn(board)
    const before = heapMiB()
    for (let at = 0; at < 1_000_000; at++) board.add(waiting(`a${at}`, { createdAt: at }))
    expect(heapMiB() - before).toBeLessThan(1)
    expectAsCheap(board)
    let started = 0
    board.grant('acme', null)
    board.adopt(policyOf({ sharedSlots: 1_000 }))
    while (turn(board, passes).length > 0) started += 1
    // One turn, and it stops where the journal has to be asked.
    expect(started).toBe(1)
    expect(board.figures.counts().normal.running).toBe(headSizes.lane.most + 1)
  }, 120_000)

  test('a hundred thousand keys, each with a lane of its own that takes little memory, of which none is looked at', () => {
    const board = boardOf([], { tenant: { running: 1 } })
    board.add(waiting('first'))
    turn(board)
    const before = heapMiB()
    for (let at = 0; at < 100_000; at++) {
      board.add(waiting(`a${at}`, { createdAt: 1 + at, concurrency: { key: `k${at}`, limit: 1 } }))
    }
    // As many as the tenant may have queued, at the most: 1.5 KiB each.
    expect(heapMiB() - before).toBeLessThan(150)
    expectAsCheap(board)
    const since = performance.now()
    for (let look = 0; look < 1_000; look++) expect(board.figures.oldestDueAt('normal')).toBe(1)
    // Some microseconds each: looking at all lanes took 90 ms.
    expect(performance.now() - since).toBeLessThan(20_000)
  }, 60_000)
})
