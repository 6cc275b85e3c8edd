import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LaunchProfile } from '../../src/launch/profile.ts'
import {
  ceilingOf,
  choose,
  type Demand,
  nextStep,
  type Picture,
  type Side,
  type Standing,
  type Step,
  type Terms,
  targets,
} from '../../src/launch/standby-policy.ts'

const terms: Terms = { rememberMs: 1_000, ageMs: 5_000, stayMs: 100, birthsAtOnce: 2 }
const now = 100_000

const fixed = { workspaceMiB: 1, workspace: 'disk', fileMiB: 1, openFiles: 64, processes: 8 } as const
const same = { ...fixed, preload: [], network: 'host', mounts: [], isLean: false } as const
const profiles: readonly LaunchProfile[] = [1, 2, 3].map((memoryMiB) => ({ memoryMiB, ...same }))
const profile = fc.constantFrom(...profiles)
const side = fc.constantFrom('critical' as const, 'shared' as const)
const ago = (mostMs: number) => fc.integer({ min: 0, max: mostMs }).map((ms) => now - ms)

const floor = fc.constantFrom(0, 0, 1, 2)
const askedAt = fc.array(ago(2_000), { maxLength: 4 }).map((times) => times.toSorted((a, b) => b - a))
const demands: fc.Arbitrary<Demand[]> = fc.uniqueArray(
  fc.record({ side, profile, floor, isResting: fc.constant(false), askedAt }),
  {
    selector: ({ side, profile }) => `${side} ${profile.memoryMiB}`,
    maxLength: 6,
  },
)
const standing = fc.array(fc.record({ side, profile, bornAt: ago(8_000), isUp: fc.boolean() }), { maxLength: 8 })
const pictures: fc.Arbitrary<Picture<Standing>> = fc.record({
  now: fc.constant(now),
  demands,
  standing,
  ceiling: fc.integer({ min: 0, max: 6 }),
})

const isLike = (a: { side: string; profile: LaunchProfile }) => (b: { side: string; profile: LaunchProfile }) =>
  a.side === b.side && a.profile.memoryMiB === b.profile.memoryMiB

function apply(picture: Picture<Standing>, step: Step<Standing>): Picture<Standing> {
  const { standing, now } = picture
  if (step.do === 'retire') return { ...picture, standing: standing.filter((one) => one !== step.standby) }
  const { side, profile } = step
  return { ...picture, standing: [...standing, { side, profile, bornAt: now, isUp: false }] }
}

/** Every step that follows, with those that are coming up as soon as nothing else is to do; and what it comes to. */
function carryOut(start: Picture<Standing>): { steps: Step<Standing>[]; end: Picture<Standing> } {
  const steps: Step<Standing>[] = []
  let picture = start
  for (;;) {
    const step = nextStep(picture, terms)
    if (step) {
      steps.push(step)
      picture = apply(picture, step)
    } else if (picture.standing.some(({ isUp }) => !isUp)) {
      picture = { ...picture, standing: picture.standing.map((one) => ({ ...one, isUp: true })) }
    } else {
      return { steps, end: picture }
    }
    if (steps.length > 100) throw new Error('it never comes to rest')
  }
}

describe('which workers stand by', () => {
  it('comes to rest: nobody is born to be retired', () => {
    fc.assert(
      fc.property(pictures, (picture) => {
        const { steps } = carryOut(picture)
        expect(steps.length).toBeLessThanOrEqual(picture.standing.length + picture.ceiling)
      }),
    )
  })

  it('are never more than may be: nobody is born at the ceiling, and whoever is above it goes', () => {
    fc.assert(
      fc.property(pictures, (picture) => {
        const { steps, end } = carryOut(picture)
        expect(end.standing.length).toBeLessThanOrEqual(picture.ceiling)
        let count = picture.standing.length
        for (const step of steps) {
          if (step.do === 'bear') expect(count).toBeLessThan(picture.ceiling)
          count += step.do === 'bear' ? 1 : -1
        }
      }),
    )
  })

  it('include the floor of each pool as far as the ceiling lets them, those of critical tasks first', () => {
    fc.assert(
      fc.property(pictures, (picture) => {
        // What is not wanted has stayed its time.
        const settled = picture.standing.map((one) => ({ ...one, bornAt: Math.min(one.bornAt, now - terms.stayMs) }))
        const { standing } = carryOut({ ...picture, standing: settled }).end
        const fresh = standing.filter(({ bornAt }) => now - bornAt < terms.ageMs)
        const floors = (side: Side) => {
          const theirs = picture.demands.filter((demand) => demand.side === side && demand.floor > 0)
          const asked = theirs.reduce((sum, { floor }) => sum + floor, 0)
          const met = theirs.map((demand) => Math.min(demand.floor, fresh.filter(isLike(demand)).length))
          return { asked, met: met.reduce((a, b) => a + b, 0) }
        }
        const [critical, shared] = [floors('critical'), floors('shared')]
        expect(critical.met).toBe(Math.min(critical.asked, picture.ceiling))
        expect(shared.met).toBe(Math.min(shared.asked, picture.ceiling - critical.met))
      }),
    )
  })

  it('are not replaced by what other than critical tasks asked for last before they have stayed their time', () => {
    const [first, second, third] = profiles as [LaunchProfile, LaunchProfile, LaunchProfile]
    const demand = (profile: LaunchProfile, side: Side, floor: number, agoMs: number): Demand => {
      return { side, profile, floor, isResting: false, askedAt: [now - agoMs] }
    }
    const up = (profile: LaunchProfile, bornAt: number) => ({ side: 'shared', profile, bornAt, isUp: true }) as const
    const demands = [demand(first, 'shared', 0, 30), demand(second, 'shared', 0, 20), demand(third, 'shared', 1, 10)]
    const standing = [up(first, now - terms.stayMs + 1), up(second, now - 1)]
    expect(nextStep({ now, demands, standing, ceiling: 2 }, terms)).toBeUndefined()
    expect(nextStep({ now: now + 1, demands, standing, ceiling: 2 }, terms)).toEqual({
      do: 'retire',
      standby: standing[0],
    })
    const urgent = [...demands.slice(0, 2), demand(third, 'critical', 1, 10)]
    expect(nextStep({ now, demands: urgent, standing, ceiling: 2 }, terms)).toMatchObject({ do: 'retire' })
  })

  it('of a profile that rests are kept, and none is born', () => {
    fc.assert(
      fc.property(pictures, fc.nat(), (picture, at) => {
        const resting = picture.demands[at % Math.max(1, picture.demands.length)]
        if (!resting) return
        const demands = picture.demands.map((one) => ({ ...one, isResting: one === resting }))
        const { steps, end } = carryOut({ ...picture, demands })
        expect(steps.filter((step) => step.do === 'bear').filter(isLike(resting))).toEqual([])
        const wanted = targets(picture, terms).find(isLike(resting))?.count ?? 0
        const fresh = (standing: readonly Standing[]) =>
          standing.filter(isLike(resting)).filter(({ bornAt }) => now - bornAt < terms.ageMs).length
        if (picture.standing.length <= picture.ceiling)
          expect(fresh(end.standing)).toBeGreaterThanOrEqual(Math.min(wanted, fresh(picture.standing)))
      }),
    )
  })

  it('are those that were asked for, as often as they were, up to the ceiling', () => {
    fc.assert(
      fc.property(demands, fc.integer({ min: 0, max: 30 }), (demands, ceiling) => {
        const found = targets({ demands, ceiling, now }, terms)
        const most = demands.map(({ floor, askedAt }) => {
          return Math.max(floor, askedAt.filter((at) => now - at < terms.rememberMs).length)
        })
        const sum = (counts: readonly number[]) => counts.reduce((a, b) => a + b, 0)
        expect(sum(found.map(({ count }) => count))).toBe(Math.min(ceiling, sum(most)))
        for (const [at, demand] of demands.entries()) {
          expect(found.find(isLike(demand))?.count).toBeLessThanOrEqual(most[at] as number)
        }
      }),
    )
  })

  it('are not retired while they are wanted, fresh and below the ceiling', () => {
    fc.assert(
      fc.property(pictures, (picture) => {
        fc.pre(picture.standing.length <= picture.ceiling)
        const step = nextStep(picture, terms)
        if (step?.do !== 'retire' || now - step.standby.bornAt >= terms.ageMs) return
        const fresh = picture.standing.filter(isLike(step.standby)).filter(({ bornAt }) => now - bornAt < terms.ageMs)
        const wanted = targets(picture, terms).find(isLike(step.standby))?.count ?? 0
        expect(fresh.length).toBeGreaterThan(wanted)
      }),
    )
  })

  it('are born where none is up before a second is anywhere', () => {
    fc.assert(
      fc.property(pictures, (picture) => {
        const step = nextStep(picture, terms)
        const fresh = picture.standing.filter(({ bornAt }) => now - bornAt < terms.ageMs)
        if (step?.do !== 'bear' || !fresh.filter(isLike(step)).some(({ isUp }) => isUp)) return
        for (const target of targets(picture, terms).filter(({ count }) => count > 0)) {
          expect(fresh.some(isLike(target))).toBe(true)
        }
      }),
    )
  })

  it('are born two at a time at most', () => {
    fc.assert(
      fc.property(pictures, (picture) => {
        const coming = picture.standing.filter(({ isUp }) => !isUp).length
        if (coming >= terms.birthsAtOnce) expect(nextStep(picture, terms)?.do).not.toBe('bear')
      }),
    )
  })

  it('have a successor that is up before they go for their age', () => {
    const [profile] = profiles as [LaunchProfile]
    const demand: Demand = { side: 'critical', profile, floor: 1, isResting: false, askedAt: [] }
    const old = { side: 'critical', profile, bornAt: now - terms.ageMs, isUp: true } as const
    const picture = { now, demands: [demand], standing: [old], ceiling: 2 }
    expect(nextStep(picture, terms)).toEqual({ do: 'bear', side: 'critical', profile })
    const coming = { ...old, bornAt: now, isUp: false }
    expect(nextStep({ ...picture, standing: [old, coming] }, terms)).toBeUndefined()
    const up = { ...coming, isUp: true }
    expect(nextStep({ ...picture, standing: [old, up] }, terms)).toEqual({ do: 'retire', standby: old })
    expect(nextStep({ ...picture, ceiling: 1 }, terms)).toEqual({ do: 'retire', standby: old })
  })
})

describe('the standby that a task takes', () => {
  it('is of its profile, and never one that is set aside for critical tasks unless it is one', () => {
    fc.assert(
      fc.property(standing, side, profile, (standing, side, profile) => {
        const found = choose(standing, { side, profile })
        const fitting = standing.filter(
          (one) => one.profile === profile && (side === 'critical' || one.side === 'shared'),
        )
        expect(found !== undefined).toBe(fitting.length > 0)
        if (!found) return
        expect(fitting).toContain(found)
        expect(found.isUp).toBe(fitting.some(({ isUp }) => isUp))
      }),
    )
  })

  it('is as lean as it, if there is one: else another, rather than none', () => {
    const [plain] = profiles as [LaunchProfile]
    const lean = { ...plain, isLean: true }
    const standing = (profile: LaunchProfile, isUp: boolean) =>
      ({ side: 'shared', profile, bornAt: now, isUp }) as const
    const wish = { side: 'critical', profile: lean } as const
    const [other, coming, apt] = [standing(plain, true), standing(lean, false), standing(lean, true)]
    expect(choose([other, apt], wish)).toBe(apt)
    expect(choose([other, coming], wish)).toBe(other)
    expect(choose([standing(plain, false), coming], wish)).toBe(coming)
    expect(choose([other], wish)).toBe(other)
  })
})

describe('the ceiling', () => {
  const most = { most: 10, mostMiB: 100, reserveMiB: 1_000 }

  it.each([
    ['the number that may be', { ...most, most: 3 }, { standing: 0, takenMiB: 0, oneMiB: 10, availableMiB: 9_000 }, 3],
    ['the memory that they may take', most, { standing: 0, takenMiB: 0, oneMiB: 20, availableMiB: 9_000 }, 5],
    [
      'the memory that is left, beside what must be',
      most,
      { standing: 0, takenMiB: 0, oneMiB: 10, availableMiB: 1_045 },
      4,
    ],
    [
      'that, with those that are there already',
      most,
      { standing: 3, takenMiB: 30, oneMiB: 10, availableMiB: 1_045 },
      7,
    ],
    ['that, when it falls short', most, { standing: 3, takenMiB: 30, oneMiB: 10, availableMiB: 985 }, 1],
    ['nothing, when there is nothing', most, { standing: 3, takenMiB: 30, oneMiB: 10, availableMiB: 10 }, 0],
  ])('is %s', (_what, terms, memory, expected) => {
    expect(ceilingOf(terms, memory)).toBe(expected)
  })
})
