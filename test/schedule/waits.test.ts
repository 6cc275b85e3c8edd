import { describe, expect, it } from 'vitest'
import type { Waited } from '../../src/journal/attempts.ts'
import { waitsOf } from '../../src/schedule/waits.ts'
import type { Outcome } from '../../src/task/endings.ts'

const attempt = (
  startedAt: number,
  {
    endedAt = null,
    outcome = null,
    waited = null,
  }: { endedAt?: number | null; outcome?: Outcome | null; waited?: Waited | null } = {},
) => ({ startedAt, endedAt, outcome, waited })

const over = { createdAt: 0, settledAt: null, notBefore: null, queued: null }
const queued = { ...over, queued: { waited: null, now: 20 } }
const turn = { for: 'its turn', rules: [] }
const key = { rule: 'key', seconds: 3 } as const

describe('a task waits', () => {
  it('from the beginning, until its first attempt', () => {
    expect(waitsOf(queued, [])).toEqual([{ from: 0, until: null, ...turn }])
    expect(waitsOf(over, [attempt(5)])).toEqual([{ from: 0, until: 5, ...turn }])
  })

  it('first for its time, then for its turn, and tells what held it back', () => {
    expect(waitsOf(over, [attempt(5, { waited: { dueAt: 2, rules: [key] } })])).toEqual([
      { from: 0, until: 2, for: 'its time: it was not to start before', rules: [] },
      { from: 2, until: 5, for: 'its turn', rules: [key] },
    ])
    const open = { waited: { dueAt: 2, rules: [key] }, now: 20 }
    expect(waitsOf({ ...over, queued: open }, []).at(-1)).toEqual({
      from: 2,
      until: null,
      for: 'its turn',
      rules: [key],
    })
    const later = { waited: { dueAt: 30, rules: [] }, now: 20 }
    expect(waitsOf({ ...over, queued: later }, [])).toMatchObject([
      { from: 0, until: null, for: expect.stringMatching(/its time/) },
    ])
  })

  it.each([
    ['preempted', /^its turn again: it had made room/, /^its turn again: it had made room/],
    ['interrupted', /^its turn again: the server/, /^its turn again: the server/],
    ['crashed', /^the pause before its next attempt/, /^its turn again: the attempt before had failed/],
    ['suspended', /^what it was suspended for/, /^its turn again: it had been suspended/],
    ['not_started', /^another try to start/, /^its turn again: no process/],
  ] as const)('after an attempt that was %s', (outcome, due, again) => {
    const before = attempt(5, { endedAt: 8, outcome })
    expect(waitsOf(queued, [before]).at(-1)).toMatchObject({ from: 8, until: null, for: expect.stringMatching(again) })
    const [, ...waits] = waitsOf(over, [before, attempt(19, { waited: { dueAt: 10, rules: [key] } })])
    expect(waits).toMatchObject([
      { from: 8, until: 10, for: expect.stringMatching(due), rules: [] },
      { from: 10, until: 19, for: expect.stringMatching(again), rules: [key] },
    ])
  })

  it('no more when it has settled, but until it was cancelled where that came first', () => {
    expect(waitsOf({ ...over, settledAt: 8 }, [attempt(5, { endedAt: 8, outcome: 'succeeded' })])).toHaveLength(1)
    expect(waitsOf({ ...over, settledAt: 4 }, [])).toEqual([{ from: 0, until: 4, ...turn }])
    expect(waitsOf({ ...over, settledAt: 4, notBefore: 9 }, [])).toMatchObject([
      { until: 4, for: expect.stringMatching(/its time/) },
    ])
    const cancelled = waitsOf({ ...over, settledAt: 9 }, [attempt(5, { endedAt: 8, outcome: 'failed' })])
    expect(cancelled.at(-1)).toMatchObject({ from: 8, until: 9 })
  })

  it('not at all when it started at once', () => {
    expect(waitsOf(over, [attempt(0)])).toEqual([])
  })
})
