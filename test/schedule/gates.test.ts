import { describe, expect, it } from 'vitest'
import type { Hours } from '../../src/schedule/hours.ts'
import { openPolicy } from '../fixtures/open-policy.ts'
import { boardOf, turn, waiting } from './fixture.ts'

const at = (time: string) => Date.parse(`2026-01-15T${time}:00Z`)
const night: readonly Hours[] = [{ from: '22:00', to: '06:00' }]

const batch = (ids: string, tenant = 'acme') => [...ids].map((id) => waiting(id, { pool: 'batch', tenant }))

describe('the windows of a pool', () => {
  const inNight = (share: number) => ({ sharedSlots: 4, pools: { batch: { share, windows: night } } })

  it('let it take all slots; outside of them it has its share', () => {
    const board = boardOf(batch('abcdef'), inNight(0.5))
    expect(turn(board, at('12:00'))).toEqual(['start a', 'start b'])
    expect(board.nextWakeAt(at('12:00'))).toBe(at('22:00'))
    expect(turn(board, at('22:00'))).toEqual(['start c', 'start d'])
  })

  it('that have closed start nothing before there is room in the share again', () => {
    const board = boardOf(batch('abcdef'), inNight(0.25))
    turn(board, at('23:00'))
    const noon = at('12:00') + 86_400_000
    for (const id of ['a', 'b', 'c']) {
      board.end(id, noon, 'counts')
      expect(turn(board, noon)).toEqual([])
    }
    board.end('d', noon, 'counts')
    expect(turn(board, noon)).toEqual(['start e'])
  })

  it('without a share are the only time at which anything of it starts', () => {
    const board = boardOf(batch('a'), inNight(0))
    expect(turn(board, at('21:59'))).toEqual([])
    expect(turn(board, at('22:00'))).toEqual(['start a'])
  })

  it('open for each tenant by its own clock', () => {
    const board = boardOf([...batch('a'), ...batch('g', 'globex')], inNight(0))
    board.grant('globex', { ...openPolicy(4).tenant, timeZone: 'Asia/Tokyo' })
    expect(turn(board, at('13:00'))).toEqual(['start g'])
    expect(board.nextWakeAt(at('13:00'))).toBeLessThanOrEqual(at('22:00'))
    expect(turn(board, at('22:00'))).toEqual(['start a'])
  })
})

describe('the windows of a kind', () => {
  const lint = new Map([['lint', { running: 9, windows: night }]])

  it('are when it starts; what runs at their end finishes, and others never wait for them', () => {
    const tasks = [waiting('a'), waiting('b', { kind: 'exec' })]
    const board = boardOf(tasks, { kinds: lint })
    expect(turn(board, at('21:00'))).toEqual(['start b'])
    expect(turn(board, at('22:00'))).toEqual(['start a'])
    board.add(waiting('c'))
    board.end('b', at('22:00'), 'counts')
    expect(turn(board, at('06:00') + 86_400_000)).toEqual([])
    expect(board.runs('a')).toBe(true)
  })

  it('are others as soon as there is another policy', () => {
    const board = boardOf([waiting('a')], { kinds: lint })
    expect(turn(board, at('12:00'))).toEqual([])
    board.adopt({ ...board.policy, kinds: new Map() })
    expect(turn(board, at('12:00'))).toEqual(['start a'])
  })
})
