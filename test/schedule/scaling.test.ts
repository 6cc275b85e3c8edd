import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import type { Level, Strain } from '../../src/process/strain.ts'
import { type ScalingState, type Slots, scale, scalingTerms as terms, unscaled } from '../../src/schedule/scaling.ts'

const as = (level: Level): Strain => ({ level, reason: `it is ${level}` })

/** What runs takes what may be used, and more waits. */
function busy(most: number, usable = most): Slots {
  return { most, usable, taken: usable, isCrowded: true }
}

interface Moment {
  readonly level: Level
  readonly ms: number
  readonly isCrowded: boolean
  /** Tasks that end meanwhile. */
  readonly ended: number
}

interface Seen extends Moment {
  readonly now: number
  readonly before: number
  readonly usable: number
  readonly reason: string | null
}

/** Lets a node of so many slots live through this; tasks that wait start as soon as they may. */
function live(most: number, moments: readonly Moment[]): readonly Seen[] {
  let state: ScalingState = unscaled(terms)
  let slots = busy(most)
  let now = 1_000
  return moments.map((moment) => {
    now += moment.ms
    const left = Math.max(0, slots.taken - moment.ended)
    const taken = moment.isCrowded ? Math.max(left, slots.usable) : left
    slots = { ...slots, taken, isCrowded: moment.isCrowded }
    const before = slots.usable
    const { usable, reason, state: next } = scale(state, slots, as(moment.level), terms, now)
    state = next
    slots = { ...slots, usable }
    return { ...moment, now, before, usable, reason }
  })
}

const often = (level: Level, count: number, but: Partial<Moment> = {}): Moment[] =>
  Array.from({ length: count }, () => ({ level, ms: terms.sampleMs, isCrowded: true, ended: 1_000, ...but }))
const courseOf = (most: number, moments: readonly Moment[]) => live(most, moments).map(({ usable }) => usable)
const changesOf = (most: number, moments: readonly Moment[]) =>
  live(most, moments).flatMap(({ before, usable }) => (before === usable ? [] : [usable]))

describe('under pressure', () => {
  it('of memory half of what runs may go on, again and again, and one at last', () => {
    expect(changesOf(64, often('short', 40))).toEqual([32, 16, 8, 4, 2, 1])
  })

  it('of memory nothing is taken from what was not used', () => {
    const { usable } = scale(unscaled(terms), { ...busy(64), taken: 6 }, as('short'), terms, 0)
    expect(usable).toBe(3)
  })

  it('of load one step after the other goes, and a quarter stays', () => {
    expect(changesOf(8, often('loaded', 100))).toEqual([7, 6, 5, 4, 3, 2])
    expect(changesOf(64, often('loaded', 100))).toEqual([56, 48, 40, 32, 24, 16])
    expect(changesOf(1, often('loaded', 100))).toEqual([])
  })

  it('waits until what was decided has come into effect', () => {
    const none = often('short', 20, { ended: 0 })
    expect(changesOf(8, none)).toEqual([4])
  })

  it('leaves no slot when memory is nearly used up, until what runs has ended and a minute has passed', () => {
    const gone = often('gone', 3, { ended: 0 })
    expect(courseOf(8, gone)).toEqual([0, 0, 0])
    const course = courseOf(8, [...gone, ...often('gone', 30)])
    expect(course.slice(0, 12)).toEqual(Array(12).fill(0))
    expect(course[12]).toBe(1)
    expect(Math.max(...course)).toBe(1)
  })

  it('gives one back as soon as there is some memory', () => {
    expect(courseOf(8, [...often('gone', 1), ...often('short', 3)])).toEqual([0, 0, 0, 1])
    expect(courseOf(8, [...often('gone', 1), ...often('tense', 3)])).toEqual([0, 0, 0, 1])
  })

  it('says why', () => {
    expect(scale(unscaled(terms), busy(8), as('short'), terms, 0).reason).toBe('it is short')
    const scarce = { ...unscaled(terms), changedAt: 0, pressedAt: 0 }
    expect(scale(scarce, busy(8, 4), as('easy'), terms, 60_000).reason).toBe('it is easy, and tasks wait for a slot')
    expect(scale(scarce, { ...busy(8, 0), taken: 0 }, as('gone'), terms, 60_000)).toMatchObject({
      usable: 1,
      reason: 'it is gone, but nothing is gained when nothing runs',
    })
  })
})

describe('at ease', () => {
  const halved = often('short', 1)

  it('slots come back one step after the other', () => {
    expect(changesOf(8, [...halved, ...often('easy', 40)])).toEqual([4, 5, 6, 7, 8])
    expect(changesOf(64, [...halved, ...often('easy', 40)])).toEqual([32, 40, 48, 56, 64])
  })

  it('none comes back while nothing waits', () => {
    expect(changesOf(8, [...halved, ...often('easy', 1_000, { isCrowded: false })])).toEqual([4])
  })

  it('all come back at once when nothing pressed for long', () => {
    const quiet = often('easy', terms.forgetMs / terms.sampleMs, { isCrowded: false })
    expect(changesOf(64, [...halved, ...quiet, ...often('easy', 1)])).toEqual([32, 64])
  })

  /** How long after they were taken away, or after a start, the next one comes. */
  function comesAfterMs(state: ScalingState): number {
    for (let ms = 0; ; ms += 1_000) {
      if (scale(state, busy(8, 4), as('easy'), terms, state.changedAt + ms).reason !== null) return ms
    }
  }

  const next = (state: ScalingState, usable: number, level: Level, now: number) =>
    scale(state, busy(8, usable), as(level), terms, now).state

  it('more that was too much comes back later and later, until that is long ago', () => {
    let state = next(unscaled(terms), 8, 'short', 0)
    const waits = [comesAfterMs(state)]
    for (let round = 1; round <= 6; round++) {
      state = next(state, 4, 'easy', state.changedAt + 300_000)
      state = next(state, 5, 'short', state.changedAt + 20_000)
      waits.push(comesAfterMs(state))
    }
    expect(waits).toEqual([15_000, 30_000, 60_000, 120_000, 240_000, 240_000, 240_000])
    state = next(state, 4, 'easy', state.changedAt + terms.forgetMs)
    expect(comesAfterMs(state)).toBe(15_000)
  })

  it('less again and again does not put more off: only more that was too much does', () => {
    let state = next(unscaled(terms), 8, 'short', 0)
    state = next(state, 4, 'short', 20_000)
    expect(comesAfterMs(next(state, 2, 'short', 40_000))).toBe(15_000)
  })

  it('none comes back right after harm that took nothing away', () => {
    const state = next(next(unscaled(terms), 8, 'short', 0), 2, 'loaded', 60_000)
    expect(state.changedAt).toBe(0)
    expect(scale(state, busy(8, 2), as('easy'), terms, 74_000).reason).toBeNull()
    expect(scale(state, busy(8, 2), as('easy'), terms, 75_000).usable).toBe(3)
  })
})

test('between harm and ease nothing changes', () => {
  expect(changesOf(8, often('tense', 100))).toEqual([])
  expect(changesOf(8, [...often('short', 1), ...often('tense', 100)])).toEqual([4])
})

const level = fc.constantFrom<Level>('gone', 'short', 'loaded', 'tense', 'easy', 'easy', 'easy')
const moment = fc.record({
  level,
  ms: fc.constantFrom(1, 1_000, 5_000, 5_000, 5_000, 20_000, 700_000),
  isCrowded: fc.boolean(),
  ended: fc.constantFrom(0, 1, 3, 1_000),
})
const slots = fc.constantFrom(1, 2, 3, 8, 64)
const life = fc.array(moment, { minLength: 1, maxLength: 80 })

describe('whatever comes', () => {
  it('there are never more than there are, nor fewer than one unless memory is nearly used up', () => {
    const property = fc.property(slots, life, (most, moments) => {
      for (const { usable, before, level } of live(most, moments)) {
        expect(usable).toBeLessThanOrEqual(most)
        expect(usable).toBeGreaterThanOrEqual(level === 'gone' || before === 0 ? 0 : 1)
      }
    })
    fc.assert(property, { numRuns: 500 })
  })

  it('changes have their distance, a reason, and the right direction', () => {
    const property = fc.property(slots, life, (most, moments) => {
      let changedAt = Number.NEGATIVE_INFINITY
      for (const { usable, before, reason, now, level, isCrowded } of live(most, moments)) {
        expect(reason === null).toBe(usable === before)
        if (usable === before) continue
        expect(now - changedAt).toBeGreaterThanOrEqual(terms.lessEveryMs.memory)
        if (usable > before) {
          expect(now - changedAt).toBeGreaterThanOrEqual(terms.moreEveryMs[0])
          expect(isCrowded).toBe(true)
          if (before > 0) expect(level).toBe('easy')
        } else expect(['gone', 'short', 'loaded']).toContain(level)
        changedAt = now
      }
    })
    fc.assert(property, { numRuns: 500 })
  })

  it('constant pressure moves it one way, and no further than it has to', () => {
    const property = fc.property(slots, life, level, (most, moments, level) => {
      const course = live(most, [...moments, ...often(level, 200)]).slice(moments.length)
      if (level === 'gone') return
      const moves = course.map(({ before, usable }) => Math.sign(usable - before)).filter((move) => move !== 0)
      // From none it goes to one, whatever presses.
      expect(new Set(course[0]?.before === 0 ? moves.slice(1) : moves).size).toBeLessThanOrEqual(1)
    })
    fc.assert(property, { numRuns: 300 })
  })

  it('all come back when nothing presses any more and tasks wait', () => {
    const property = fc.property(slots, life, (most, moments) => {
      const course = live(most, [...moments, ...often('easy', 600)])
      expect(course.at(-1)?.usable).toBe(most)
    })
    fc.assert(property, { numRuns: 300 })
  })
})
