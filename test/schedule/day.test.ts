import { describe, expect, it } from 'vitest'
import { boardOf, turn, waiting } from './fixture.ts'

const midnight = Date.parse('2026-03-02T00:00:00Z')
const dayMs = 86_400_000
const terms = { tenant: { processSecondsPerDay: 100 } }

describe('the process time of a day', () => {
  it('that was used before the board was there counts, until the day ends', () => {
    const board = boardOf([waiting('a')], { tenant: { processSecondsPerDay: 10 } })
    board.used('acme', 10)
    expect(turn(board, midnight - 1_000)).toEqual([])
    expect(board.day.processTimeOf('acme', midnight - 1_000)).toEqual({ today: 10, perDay: 10 })
    expect(board.nextWakeAt(midnight - 1_000)).toBe(midnight)
    expect(turn(board, midnight)).toEqual(['start a'])
    expect(board.day.processTimeOf('acme', midnight)).toEqual({ today: 0, perDay: 10 })
  })

  it('is counted while a task runs, and what a preemption loses is given back', () => {
    const board = boardOf([waiting('a')])
    turn(board, midnight)
    board.advance(midnight + 5_000)
    board.checkpointed('a', midnight + 2_000)
    expect(board.day.processTimeOf('acme', midnight + 5_000)).toEqual({ today: 5, perDay: null })
    board.end('a', midnight + 6_000, 'lost')
    expect(board.day.processTimeOf('acme', midnight + 6_000).today).toBe(2)
  })

  it('is none of a day on which nothing happened yet', () => {
    const board = boardOf([])
    board.used('acme', 10)
    board.advance(midnight)
    expect(board.day.processTimeOf('acme', midnight + dayMs).today).toBe(0)
  })

  it('is what was used of it before the board was there, too', () => {
    const board = boardOf([waiting('a')], terms)
    board.used('acme', 120)
    expect(turn(board, 5 * dayMs + 1)).toEqual([])
    expect(turn(board, 6 * dayMs)).toEqual(['start a'])
  })

  it('is given back only as far as it was of this day', () => {
    const board = boardOf([waiting('a'), waiting('b')], terms)
    expect(turn(board, dayMs - 60_000)).toEqual(['start a', 'start b'])
    turn(board, dayMs + 95_000)
    board.end('b', dayMs + 95_000, 'counts')
    board.end('a', dayMs + 95_000, 'lost')
    for (const id of ['c', 'd']) board.add(waiting(id))
    expect(turn(board, dayMs + 95_000)).toEqual(['start c', 'start d'])
    board.end('c', dayMs + 101_000, 'counts')
    board.add(waiting('e'))
    expect(turn(board, dayMs + 101_000)).toEqual([])
  })

  it('is that after midnight alone, also when nobody looked at midnight', () => {
    const board = boardOf([waiting('a'), waiting('b')], { ...terms, sharedSlots: 1 })
    expect(turn(board, dayMs - 3_600_000)).toEqual(['start a'])
    board.end('a', dayMs + 99_000, 'counts')
    expect(turn(board, dayMs + 99_000)).toEqual(['start b'])
    board.end('b', dayMs + 101_000, 'counts')
    board.add(waiting('c'))
    expect(turn(board, dayMs + 101_000)).toEqual([])
  })
})
