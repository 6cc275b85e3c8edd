import { describe, expect, it } from 'vitest'
import { boardOf, turn, waiting } from './fixture.ts'

const midnight = Date.parse('2026-03-02T00:00:00Z')

describe('the process time of a day', () => {
  it('that was used before the board was there counts, until the day ends', () => {
    const board = boardOf([waiting('a')], { tenant: { processSecondsPerDay: 10 } })
    board.used('acme', 10)
    expect(turn(board, midnight - 1_000)).toEqual([])
    expect(board.processTimeOf('acme', midnight - 1_000)).toEqual({ today: 10, perDay: 10 })
    expect(board.nextWakeAt(midnight - 1_000)).toBe(midnight)
    expect(turn(board, midnight)).toEqual(['start a'])
    expect(board.processTimeOf('acme', midnight)).toEqual({ today: 0, perDay: 10 })
  })

  it('is counted while a task runs, and what a preemption loses is given back', () => {
    const board = boardOf([waiting('a')])
    turn(board, midnight)
    board.advance(midnight + 5_000)
    board.checkpointed('a', midnight + 2_000)
    expect(board.processTimeOf('acme', midnight + 5_000)).toEqual({ today: 5, perDay: null })
    board.end('a', midnight + 6_000, 'lost')
    expect(board.processTimeOf('acme', midnight + 6_000).today).toBe(2)
  })

  it('is none of a day on which nothing happened yet', () => {
    const board = boardOf([])
    board.used('acme', 10)
    board.advance(midnight)
    expect(board.processTimeOf('acme', midnight + 86_400_000).today).toBe(0)
  })
})
