import { describe, expect, test } from 'vitest'
import type { Board } from '../../src/schedule/board.ts'
import { cpuOfPass } from '../fixtures/cpu.ts'
import { boardOf, waiting } from './fixture.ts'

const passes = 30_000
const others = 70_000

/** Where a map keeps what has gone, a pass costs more than the one before. */
const costOf = (pass: (at: number) => void) => cpuOfPass(passes, pass)

/** What grows with the logarithm of the others may double. */
function expectAsCheap(costBeside: (others: number) => number): void {
  costBeside(0)
  expect(costBeside(others)).toBeLessThan(5 * costBeside(0) + 10)
}

function restart(board: Board, ended: string, started: string): void {
  board.end(ended, 0, 'nothing')
  board.start(started, 0)
}

describe('what comes again and again costs no more beside very many others', () => {
  test('a queue that closes and opens with each task of a tenant at its limit', () => {
    expectAsCheap((others) => {
      const board = boardOf([], { tenant: { running: 1 } })
      for (let at = 0; at < others; at++) board.add(waiting(`o${at}`, { tenant: `t${at}`, createdAt: 1 }))
      board.add(waiting('w0'))
      board.add(waiting('w1'))
      board.start('w0', 0)
      return costOf((at) => {
        restart(board, `w${at}`, `w${at + 1}`)
        board.add(waiting(`w${at + 2}`))
      })
    })
  })

  test('a lane that closes and opens with each task of a key at its limit', () => {
    expectAsCheap((others) => {
      const board = boardOf([])
      const concurrency = { key: 'k', limit: 1 }
      for (let at = 0; at < others; at++) {
        board.add(waiting(`o${at}`, { createdAt: 1, concurrency: { key: `${at}`, limit: 1 } }))
      }
      for (const id of ['w0', 'w1', 'w2']) board.add(waiting(id, { concurrency }))
      board.start('w0', 0)
      return costOf((at) => {
        restart(board, `w${at}`, `w${at + 1}`)
        board.add(waiting(`w${at + 3}`, { concurrency }))
      })
    })
  })

  test('a tenant that is made and forgotten with each of its tasks', () => {
    expectAsCheap((others) => {
      const board = boardOf([])
      for (let at = 0; at < others; at++) board.add(waiting(`o${at}`, { tenant: `t${at}`, createdAt: 1 }))
      return costOf((at) => {
        board.add(waiting(`w${at}`, { tenant: 'back' }))
        board.remove(waiting(`w${at}`, { tenant: 'back' }))
      })
    })
  })

  test('a key that is made and given up with each of its tasks', () => {
    expectAsCheap((others) => {
      const board = boardOf([])
      const back = (at: number) => waiting(`w${at}`, { concurrency: { key: 'back', limit: 1 } })
      for (let at = 0; at < others; at++) {
        board.add(waiting(`o${at}`, { createdAt: 1, concurrency: { key: `${at}`, limit: 1 } }))
      }
      return costOf((at) => {
        board.add(back(at))
        board.remove(back(at))
      })
    })
  })

  test('a lane that is made and given up with each task of a key of which something runs all the time', () => {
    expectAsCheap((others) => {
      const board = boardOf([])
      for (let at = 0; at < others; at++) {
        board.add(waiting(`o${at}`, { createdAt: 1, concurrency: { key: `${at}`, limit: 1 } }))
      }
      board.add(waiting('w0'))
      board.start('w0', 0)
      return costOf((at) => {
        board.add(waiting(`w${at + 1}`))
        board.start(`w${at + 1}`, 0)
        board.end(`w${at}`, 0, 'nothing')
      })
    })
  })
})
