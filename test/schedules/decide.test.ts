import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CatchUp } from '../../src/contract/schedule.ts'
import type { ScheduleRecord, Timing, Unsettled } from '../../src/journal/schedules.ts'
import { decide, mostCaughtUp, mostLookedAt, onTimeMs, type Step, setBackMs } from '../../src/schedules/decide.ts'
import { dueTicks, fireAt, nextTicks, standingAt } from '../../src/schedules/fire-times.ts'
import { ticksOf } from '../../src/schedules/ticks.ts'
import { sampleSchedule } from '../contracts/journal.schedules.ts'

const start = Date.parse('2026-03-28T00:00:00Z')
const minuteMs = 60_000

const anyTiming: fc.Arbitrary<Timing> = fc.oneof(
  fc.integer({ min: 1_000, max: 3_600_000 }).map((everyMs) => ({ everyMs, anchor: start })),
  fc
    .constantFrom('* * * * *', '*/7 1-3 * * *', '30 2 * * *', '0 0 31 * *')
    .map((cron) => ({ cron, timeZone: 'Europe/Berlin' })),
  fc.nat({ max: 86_400_000 }).map((after) => ({ at: start + after })),
)

const anySchedule = fc
  .record({
    timing: anyTiming,
    jitterMs: fc.oneof(fc.constant(0), fc.nat({ max: 7_200_000 })),
    overlap: fc.constantFrom('skip', 'queue', 'replace'),
    catchUp: fc.constantFrom('none', 'latest', 'all'),
  })
  .map((own) => schedule({ ...own } as Partial<ScheduleRecord>))

function schedule(own: Partial<ScheduleRecord>): ScheduleRecord {
  const made = sampleSchedule({ jitterMs: 0, ...own, cursor: own.cursor ?? start })
  return { ...made, ...standingAt(made, made.cursor) }
}

const every = (everyMs: number, own: Partial<ScheduleRecord> = {}) =>
  schedule({ timing: { everyMs, anchor: start }, ...own })
const task = (id: string, cancelRequested = false): Unsettled => ({ id, cancelRequested })

/** Carries out step after step at one moment, as often as there is something to do. */
function steps(
  from: ScheduleRecord,
  now: number,
  unsettled: readonly Unsettled[] = [],
): Exclude<Step, { do: 'wait' }>[] {
  const step = decide(from, unsettled, now)
  if (step.do === 'wait') return []
  return [step, ...steps({ ...from, ...step.standing }, now, unsettled)]
}

const ticksDone = (done: readonly Step[]) => done.flatMap((step) => ('tick' in step ? [step.tick] : []))

describe('what is decided about a schedule', () => {
  it('passes every tick once and in order, whenever it is looked at, and waits for the next one', () => {
    const looks = fc.array(fc.integer({ min: 1, max: 5_400_000 }), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(anySchedule, looks, (made, waits) => {
        let [now, standing, passed] = [start, made, 0]
        for (const wait of waits) {
          now += wait
          const done = steps(standing, now)
          const ticks = ticksDone(done)
          expect(ticks).toEqual([...new Set(ticks)].sort((a, b) => a - b))
          for (const tick of ticks) {
            expect(tick).toBeGreaterThan(standing.cursor)
            expect(fireAt(made, ticksOf(made.timing), tick)).toBeLessThanOrEqual(now)
          }
          passed += ticks.length
          standing = { ...standing, ...done.at(-1)?.standing }
          const waiting = decide(standing, [], now)
          expect(waiting).toEqual({ do: 'wait', standing: { cursor: standing.cursor, nextAt: standing.nextAt } })
          if (standing.nextAt !== null) expect(standing.nextAt).toBeGreaterThan(now)
        }
        const over = dueTicks(made, start, now, mostLookedAt)
        if (over.length > 0) expect(passed).toBeGreaterThan(0)
        expect(standing.cursor).toBe(over.at(-1) ?? start)
      }),
      { numRuns: 40 },
    )
  })

  it('is the same when it was killed after any of its steps', () => {
    fc.assert(
      fc.property(anySchedule, fc.nat({ max: 4 * 3_600_000 }), fc.nat(), (made, wait, killed) => {
        const now = start + wait
        const whole = steps(made, now)
        const before = whole.slice(0, killed % (whole.length + 1))
        const resumed = steps({ ...made, ...before.at(-1)?.standing }, now)
        expect([...before, ...resumed]).toEqual(whole)
      }),
    )
  })

  it('fires each tick within its jitter, before the next one, at the same moment whenever it is asked', () => {
    fc.assert(
      fc.property(anySchedule, fc.nat({ max: 86_400_000 }), (made, later) => {
        const ticks = ticksOf(made.timing)
        const tick = ticks.after(start + later)
        if (tick === null) return
        const at = fireAt(made, ticks, tick)
        expect(at).toBeGreaterThanOrEqual(tick)
        expect(at - tick).toBeLessThanOrEqual(made.jitterMs)
        expect(at).toBeLessThan(ticks.after(tick) ?? Infinity)
        expect(standingAt(made, tick - 1).nextAt).toBe(at)
      }),
    )
    const jittered = every(minuteMs, { jitterMs: minuteMs })
    const parts = nextTicks(jittered, start, 50).map((tick) => fireAt(jittered, ticksOf(jittered.timing), tick) - tick)
    expect(Math.max(...parts) - Math.min(...parts)).toBeGreaterThan(minuteMs / 2)
  })

  it('finds what is due by looking back as it does by walking', () => {
    fc.assert(
      fc.property(anySchedule, fc.nat({ max: 20 * 3_600_000 }), fc.integer({ min: 1, max: 40 }), (made, wait, most) => {
        const all = dueTicks(made, start, start + wait, 100_000)
        expect(dueTicks(made, start, start + wait, most)).toEqual(all.slice(-most))
      }),
      { numRuns: 50 },
    )
  })
})

describe('after an absence', () => {
  const fires = (catchUp: CatchUp, lateMs: number) => {
    const done = steps(every(minuteMs, { catchUp, overlap: 'queue' }), start + 10 * minuteMs + lateMs)
    return done.map((step) => (step.do === 'miss' ? `missed ${step.ticks}` : step.do))
  }

  it('none, the latest, or all of the ticks are fired, and those that are not are noted in one go', () => {
    expect(fires('none', 0)).toEqual(['missed 9', 'fire'])
    expect(fires('latest', 0)).toEqual(['missed 9', 'fire'])
    expect(fires('all', 0)).toEqual(Array(10).fill('fire'))
  })

  it('a tick that is only a little late was not missed', () => {
    const hourly = (lateMs: number) => steps(every(3_600_000, { catchUp: 'none' }), start + 3_600_000 + lateMs)
    expect(hourly(onTimeMs).map((step) => step.do)).toEqual(['fire'])
    expect(hourly(onTimeMs + 1).map((step) => step.do)).toEqual(['miss'])
  })

  it('of a great many the newest are fired, and the rest is bounded, years later too', () => {
    const year = start + 366 * 86_400_000
    const done = steps(
      schedule({ timing: { cron: '* * * * *', timeZone: 'UTC' }, catchUp: 'all', overlap: 'queue' }),
      year,
    )
    expect(done[0]).toMatchObject({ do: 'miss', ticks: mostLookedAt - mostCaughtUp })
    expect(done.slice(1).map((step) => step.do)).toEqual(Array(mostCaughtUp).fill('fire'))
    expect(ticksDone(done).at(-1)).toBe(year)
  })

  it('what was to be once is fired late, or noted as missed', () => {
    const at = (catchUp: CatchUp) => steps(schedule({ timing: { at: start + 5 }, catchUp }), start + 86_400_000)
    expect(at('latest')).toMatchObject([{ do: 'fire', tick: start + 5, standing: { nextAt: null } }])
    expect(at('none')).toMatchObject([{ do: 'miss', ticks: 1, standing: { nextAt: null } }])
  })
})

describe('while a task of it has not ended', () => {
  const now = start + minuteMs
  const at = (overlap: ScheduleRecord['overlap'], unsettled: readonly Unsettled[]) =>
    decide(every(minuteMs, { overlap }), unsettled, now)

  it('the tick is skipped, queued, or replaces it', () => {
    expect(at('skip', [task('a'), task('b')])).toMatchObject({ do: 'skip', because: 'a', standing: { cursor: now } })
    expect(at('skip', [])).toMatchObject({ do: 'fire', replaces: [] })
    expect(at('queue', [task('a')])).toMatchObject({ do: 'fire', replaces: [] })
    expect(at('replace', [task('a', true), task('b')])).toMatchObject({ do: 'fire', replaces: ['b'] })
  })
})

describe('a schedule that is paused', () => {
  it('waits, however much passes', () => {
    const paused = every(minuteMs, { paused: true })
    expect(decide(paused, [], start + 86_400_000)).toEqual({ do: 'wait', standing: { cursor: start, nextAt: null } })
    expect(nextTicks(paused, start, 5)).toEqual([])
  })
})

describe('a clock that was set', () => {
  it('back by a little lets no tick come again', () => {
    const ahead = every(minuteMs, { cursor: start + minuteMs })
    expect(decide(ahead, [], start + minuteMs - setBackMs).do).toBe('wait')
  })

  it('back by much begins anew where it is now', () => {
    const ahead = every(minuteMs, { cursor: start + 365 * 86_400_000 })
    const standing = { cursor: start, nextAt: start + minuteMs }
    expect(steps(ahead, start)).toEqual([{ do: 'rewind', standing }])
  })
})
