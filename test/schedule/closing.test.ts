import { describe, expect, test } from 'vitest'
import type { Hours } from '../../src/schedule/hours.ts'
import { boardOf, policyOf, type Terms, turn, waiting } from './fixture.ts'

const hour = 3_600_000
const night: Hours = { from: '00:00', to: '06:00', timeZone: 'UTC', atEnd: 'preempt' }
const batch = { pool: 'batch' } as const

const batchAt = (windows: readonly Hours[], share: number, more: Terms = {}): Terms => ({
  sharedSlots: 4,
  ...more,
  pools: { batch: { share, windows } },
})

/** A board on which these run since the window opened, a minute after each other. */
function atNight(ids: readonly string[], terms: Terms, more: Parameters<typeof waiting>[1] = {}) {
  const board = boardOf([], terms)
  board.advance(hour)
  ids.forEach((id, at) => {
    board.add(waiting(id, { ...batch, ...more }))
    board.start(id, hour + at * 60_000)
  })
  return board
}

describe('when the run window of a pool closes', () => {
  test('all of it end that exceed its share, those that lose least', () => {
    const board = atNight(['1', '2', '3', '4'], batchAt([night], 0.25))
    board.checkpointed('1', 5 * hour)
    expect(turn(board, 6 * hour - 1)).toEqual([])
    expect(board.nextWakeAt(6 * hour - 1)).toBe(6 * hour)
    expect(turn(board, 6 * hour)).toEqual(['preempt 1', 'preempt 4', 'preempt 3'])
    expect(turn(board, 7 * hour)).toEqual([])
  })

  test('all of it end when it has no share', () => {
    const board = atNight(['1', '2'], batchAt([night], 0))
    expect(turn(board, 6 * hour)).toEqual(['preempt 2', 'preempt 1'])
  })

  test('so does what is immune otherwise', () => {
    const board = atNight(['1'], batchAt([night], 0), { preemptions: 99 })
    expect(turn(board, 6 * hour)).toEqual(['preempt 1'])
  })

  test('a cleanup finishes', () => {
    const board = atNight(['1'], batchAt([night], 0), { isCleanup: true })
    expect(turn(board, 6 * hour)).toEqual([])
  })

  test('everything finishes where the window does not end what runs', () => {
    const { atEnd: _, ...mild } = night
    expect(turn(atNight(['1'], batchAt([mild], 0)), 6 * hour)).toEqual([])
  })

  test('what was ended waits until it opens again', () => {
    const board = atNight(['1'], batchAt([night], 0))
    turn(board, 6 * hour)
    board.end('1', 6 * hour, 'lost')
    board.add(waiting('1', { ...batch, attempt: 1, front: true, preemptions: 1 }))
    expect(turn(board, 7 * hour)).toEqual([])
    expect(turn(board, 24 * hour)).toEqual(['start 1'])
  })

  test('nothing ends that could not while the board was held, and may run again', () => {
    const board = atNight(['1'], batchAt([night], 0))
    board.pools.hold('the disk is full', hour)
    expect(turn(board, 6 * hour)).toEqual([])
    expect(turn(board, 24 * hour)).toEqual([])
    board.pools.release('the disk is full')
    expect(turn(board, 24 * hour)).toEqual([])
    board.end('1', 24 * hour, 'typical')
  })

  test('what still runs ends when the board is released', () => {
    const board = atNight(['1'], batchAt([night], 0))
    board.pools.hold('the disk is full', hour)
    turn(board, 6 * hour)
    board.pools.release('the disk is full')
    expect(turn(board, 7 * hour)).toEqual(['preempt 1'])
  })

  test('what runs in its share is left alone when slots go', () => {
    const board = atNight(['1', '2'], batchAt([night], 0.5))
    expect(turn(board, 6 * hour)).toEqual([])
    board.resize(2)
    expect(turn(board, 7 * hour)).toEqual([])
  })

  test('whoever is being ended for another counts as one of those that end', () => {
    const board = atNight(['1', '2', '3', '4'], batchAt([night], 0.5, { preemption: { most: 3 } }))
    board.add(waiting('n'))
    expect(turn(board, 6 * hour - 1)).toEqual(['preempt 4 for n'])
    expect(turn(board, 6 * hour)).toEqual(['preempt 3'])
  })
})

describe('when the run window of a kind closes', () => {
  const kinds = (windows: readonly Hours[]): Terms => ({
    sharedSlots: 4,
    kinds: new Map([['lint', { running: 9, windows }]]),
  })

  test('all of it end, and nothing of others', () => {
    const board = atNight(['1', '2'], kinds([night]))
    board.add(waiting('x', { ...batch, kind: 'exec' }))
    board.start('x', 2 * hour)
    expect(turn(board, 6 * hour)).toEqual(['preempt 1', 'preempt 2'])
  })

  test('a new policy that closes it ends them as well', () => {
    const board = atNight(['1'], kinds([]))
    expect(turn(board, 7 * hour)).toEqual([])
    board.adopt(policyOf(kinds([night])))
    expect(turn(board, 7 * hour)).toEqual(['preempt 1'])
  })

  test('in the time zone of each tenant', () => {
    const { timeZone: _, ...local } = night
    const board = atNight(['1'], kinds([local]))
    board.grant('globex', { ...board.policy.tenant, timeZone: 'America/New_York' })
    expect(turn(board, 5.5 * hour)).toEqual([])
    board.add(waiting('g', { ...batch, tenant: 'globex' }))
    expect(turn(board, 5.6 * hour)).toEqual(['start g'])
    expect(turn(board, 6 * hour)).toEqual(['preempt 1'])
    expect(turn(board, 11 * hour)).toEqual(['preempt g'])
  })
})
