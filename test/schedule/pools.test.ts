import { describe, expect, test } from 'vitest'
import { boardOf, policyOf, turn, waiting } from './fixture.ts'

describe('the shared slots of the board', () => {
  test('are crowded when a task waits for one, and for nothing else', () => {
    const board = boardOf([waiting('a'), waiting('b')], { sharedSlots: 4 })
    board.resize(1)
    turn(board)
    expect(board.sharedSlots).toEqual({ most: 4, usable: 1, taken: 1, isCrowded: true })
    board.resize(2)
    turn(board)
    expect(board.sharedSlots).toEqual({ most: 4, usable: 2, taken: 2, isCrowded: false })
  })

  test.each([
    ['its tenant', { tenant: { running: 1 } }],
    ['its pool', { pools: { normal: { max: 1 } } }],
    ['its kind', { kinds: new Map([['lint', { running: 1, windows: [] }]]) }],
    ['memory', { memoryMiB: 300 }],
  ])('are not crowded by a task that waits for %s', (_, terms) => {
    const board = boardOf([waiting('a'), waiting('b')], { sharedSlots: 4, ...terms })
    board.resize(1)
    turn(board)
    expect(board.sharedSlots.isCrowded).toBe(false)
  })

  test('are not crowded while nothing may start, nor by what is not due', () => {
    const board = boardOf([waiting('a'), waiting('b', { notBefore: 10 })])
    board.pools.hold('a test', 0)
    turn(board)
    expect(board.sharedSlots.isCrowded).toBe(false)
    board.pools.release('a test')
    board.resize(1)
    turn(board)
    expect(board.sharedSlots.isCrowded).toBe(false)
  })

  test('are crowded by what waits for its pool’s share of them, as far as more of them would help', () => {
    const tasks = ['a', 'b', 'c'].map((id) => waiting(id, { pool: 'batch' }))
    const board = boardOf(tasks, { sharedSlots: 4, pools: { batch: { share: 0.5 } } })
    board.resize(2)
    turn(board)
    expect(board.sharedSlots).toMatchObject({ taken: 1, isCrowded: true })
    board.resize(4)
    turn(board)
    expect(board.sharedSlots).toMatchObject({ taken: 2, isCrowded: false })
  })

  test('stay as few as they are under another policy, unless all were used', () => {
    const board = boardOf([], { sharedSlots: 4 })
    board.adopt(policyOf({ sharedSlots: 6 }))
    expect(board.sharedSlots.usable).toBe(6)
    board.resize(2)
    board.adopt(policyOf({ sharedSlots: 8 }))
    expect(board.sharedSlots.usable).toBe(2)
    board.adopt(policyOf({ sharedSlots: 1 }))
    expect(board.sharedSlots.usable).toBe(1)
  })
})
