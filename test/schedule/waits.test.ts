import { describe, expect, it } from 'vitest'
import { waitsOf } from '../../src/schedule/waits.ts'
import type { Outcome } from '../../src/task/endings.ts'

const attempt = (startedAt: number, endedAt: number | null = null, outcome: Outcome | null = null) => {
  return { startedAt, endedAt, outcome }
}

const first = 'its time and its turn'
const queued = { createdAt: 0, settledAt: null, isQueued: true }
const runs = { createdAt: 0, settledAt: null, isQueued: false }

describe('a task waits', () => {
  it('from the beginning, until its first attempt', () => {
    expect(waitsOf(queued, [])).toEqual([{ from: 0, until: null, for: first }])
    expect(waitsOf(runs, [attempt(5)])).toEqual([{ from: 0, until: 5, for: first }])
  })

  it.each([
    ['preempted', 'its turn again: it had made room for another task'],
    ['crashed', 'its next attempt: the one before had failed'],
    ['suspended', 'what it was suspended for, and its turn'],
  ] as const)('after an attempt that was %s', (outcome, why) => {
    expect(waitsOf(queued, [attempt(5, 8, outcome)])).toEqual([
      { from: 0, until: 5, for: first },
      { from: 8, until: null, for: why },
    ])
    expect(waitsOf(runs, [attempt(5, 8, outcome), attempt(9)]).at(-1)).toEqual({ from: 8, until: 9, for: why })
  })

  it('no more when it has settled, but until it was cancelled where that came first', () => {
    expect(waitsOf({ ...runs, settledAt: 8 }, [attempt(5, 8, 'succeeded')])).toHaveLength(1)
    expect(waitsOf({ ...runs, settledAt: 4 }, [])).toEqual([{ from: 0, until: 4, for: first }])
    const cancelled = waitsOf({ ...runs, settledAt: 9 }, [attempt(5, 8, 'failed')])
    expect(cancelled.at(-1)).toMatchObject({ from: 8, until: 9 })
  })

  it('not at all when it started at once', () => {
    expect(waitsOf(runs, [attempt(0)])).toEqual([])
  })
})
