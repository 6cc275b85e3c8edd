import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { Board } from '../../src/schedule/board.ts'
import { plan } from '../../src/schedule/plan.ts'
import { Spells, waitedFor } from '../../src/schedule/spells.ts'
import { apply, policyOf, type Terms, waiting } from './fixture.ts'

/** A board that has rested at every moment, as the loop lets it. */
function boardAt(terms: Terms = {}) {
  const board = new Board(policyOf(terms))
  const turn = (now: number) => {
    board.advance(now)
    const waited = new Map<string, unknown>()
    for (let next = plan(board, now); next; next = plan(board, now)) {
      if (next.do === 'start') waited.set(next.task.id, board.waited(next.task, now)?.rules)
      apply(board, next, now)
    }
    board.pools.rest(now)
    return waited
  }
  turn(0)
  return { board, turn }
}

describe('a start tells what the task waited for', () => {
  it('nothing, when it started at once', () => {
    const { board, turn } = boardAt()
    board.add(waiting('a'))
    expect(turn(0).get('a')).toEqual([])
  })

  it('a slot, and a key, and a pause, each for as long as it held it back', () => {
    const { board, turn } = boardAt({ sharedSlots: 2 })
    const key = { concurrency: { key: 'org', limit: 1 } }
    for (const id of ['a', 'b']) board.add(waiting(id, key))
    board.add(waiting('c', { createdAt: 1 }))
    board.add(waiting('d', { createdAt: 2 }))
    turn(2)
    // a and c run; b waits for its key, d for a slot.
    board.end('c', 5_000, 'typical')
    expect(turn(5_000).get('d')).toEqual([{ rule: 'slots', seconds: 4.998 }])
    board.pause({ id: 'p', kind: null, pool: null, tenant: 'acme', key: 'org' }, 7_000)
    board.end('a', 9_000, 'typical')
    turn(9_000)
    board.resume('p', 12_000)
    expect(turn(12_000).get('b')).toEqual([
      { rule: 'key', seconds: 6.998 },
      { rule: 'paused', seconds: 5 },
      { rule: 'turn', seconds: 0.002 },
    ])
  })

  it('a limit of its tenant, or of its kind, by its name', () => {
    const kinds = new Map([['lint', { running: 1, windows: [] }]])
    const { board, turn } = boardAt({ tenant: { running: 1 }, sharedSlots: 3, kinds })
    board.add(waiting('a'))
    board.add(waiting('b', { createdAt: 1, kind: 'exec' }))
    board.add(waiting('c', { createdAt: 1, tenant: 'globex' }))
    turn(1)
    board.end('a', 3_001, 'typical')
    const started = turn(3_001)
    expect(started.get('b')).toEqual([{ rule: 'tenant-running', seconds: 3 }])
    expect(started.get('c')).toEqual([{ rule: 'kind-running', seconds: 3 }])
  })

  it('the server itself, while nothing was to start', () => {
    const { board, turn } = boardAt()
    board.pools.hold('the disk is full', 1_000)
    board.add(waiting('a', { createdAt: 2_000 }))
    turn(2_000)
    board.pools.release('the disk is full')
    expect(turn(6_000).get('a')).toEqual([{ rule: 'hold', seconds: 4 }])
  })

  it('the moment before there was a board is not known', () => {
    const board = new Board(policyOf())
    board.advance(10_000)
    board.add(waiting('a', { createdAt: 4_000 }))
    board.advance(10_000)
    expect(board.waited(waiting('a', { createdAt: 4_000 }), 10_000)).toEqual({
      dueAt: 4_000,
      rules: [{ rule: 'unknown', seconds: 6 }],
    })
  })

  it('since it came back, where it had run before', () => {
    const { board, turn } = boardAt({ sharedSlots: 1 })
    board.add(waiting('a'))
    board.add(waiting('b', { createdAt: 1 }))
    turn(1)
    board.end('a', 4_000, 'lost')
    board.add(waiting('a', { attempt: 1, createdAt: 0 }))
    expect([...turn(4_000).keys()]).toEqual(['a'])
    board.end('a', 9_000, 'lost')
    board.add(waiting('a', { attempt: 2, createdAt: 2 }))
    turn(9_000)
    board.end('b', 11_000, 'typical')
    expect(turn(11_000).get('a')).toEqual([{ rule: 'slots', seconds: 2 }])
  })
})

test('what is told adds up to the whole wait, however often what holds changes, and is bounded', () => {
  const rule = fc.constantFrom('key', 'slots', 'hold', undefined)
  const place = fc.array(fc.record({ rule, ms: fc.nat(500) }), { maxLength: 60 })
  const property = fc.property(fc.array(place, { maxLength: 4 }), fc.nat(20_000), (places, dueAt) => {
    const all = places.map((notes) => {
      const spells = new Spells()
      let at = 0
      for (const { rule, ms } of notes) {
        at += ms
        spells.note(rule, at)
      }
      return spells
    })
    const { rules } = waitedFor(all, { dueAt, knownSince: 0 }, 40_000)
    expect(rules.reduce((sum, { seconds }) => sum + seconds, 0)).toBeCloseTo((40_000 - dueAt) / 1000)
    expect(new Set(rules.map((one) => one.rule)).size).toBe(rules.length)
    for (const spells of all) expect(spells.within(0, 40_000).length).toBeLessThanOrEqual(16)
  })
  fc.assert(property)
})
