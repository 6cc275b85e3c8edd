/**
 * Which workers stand by: a pure decision over what was asked for lately, what stands by already and how many may.
 *
 *     retire   one too many, or one that has waited too long and has a successor
 *     bear     one that is missing
 */
import type { Pool } from '../task/task.ts'
import { keyOf, type LaunchProfile, needsOf } from './profile.ts'

/** Whom a standby is for: critical tasks have theirs set aside, and may take those of all. */
export type Side = 'critical' | 'shared'

export function sideOf(pool: Pool): Side {
  return pool === 'critical' ? 'critical' : 'shared'
}

interface Wanted {
  readonly side: Side
  readonly profile: LaunchProfile
}

/** A profile that one side asks for. */
export interface Demand extends Wanted {
  /** So many of it are to stand by however long nobody has asked. */
  readonly floor: number
  /** It failed to come up: none is born now. */
  readonly isResting: boolean
  /** When it was asked for, the latest first; no more asks than its side has slots, because more are of no use. */
  readonly askedAt: readonly number[]
}

export interface Standing extends Wanted {
  readonly bornAt: number
  /** It has said its first word. */
  readonly isUp: boolean
}

export interface Terms {
  /** So long after it was asked for, a profile is expected to be asked for again. */
  readonly rememberMs: number
  /** A standby that has waited for so long is replaced. */
  readonly ageMs: number
  /** One that is no longer wanted stays for so long: with every task something else may be wanted. */
  readonly stayMs: number
  /** Births that may go on at once. */
  readonly birthsAtOnce: number
}

export interface Picture<T extends Standing> {
  readonly now: number
  readonly demands: readonly Demand[]
  readonly standing: readonly T[]
  /** How many may stand by, all together. */
  readonly ceiling: number
}

export type Step<T extends Standing> =
  | ({ readonly do: 'bear' } & Wanted)
  | { readonly do: 'retire'; readonly standby: T }

/** What to do next; undefined when all is as it should be, until an ask or time changes something. */
export function nextStep<T extends Standing>(picture: Picture<T>, terms: Terms): Step<T> | undefined {
  const { standing, ceiling } = picture
  const roster = toRoster(picture, terms)
  const standby = toRetire(roster, picture, terms)
  if (standby) return { do: 'retire', standby }
  const coming = standing.filter(({ isUp }) => !isUp).length
  const short = roster.targets.filter(isShort)
  const missing = short.find(({ kept }) => !kept.some(({ isUp }) => isUp)) ?? short[0]
  if (!missing || standing.length >= ceiling || coming >= terms.birthsAtOnce) return undefined
  return { do: 'bear', side: missing.side, profile: missing.profile }
}

export interface Target extends Wanted {
  readonly floor: number
  readonly isResting: boolean
  readonly count: number
}

/**
 * How many of each are to stand by: floors first, those of critical tasks before others; then one of each, what was asked
 * for last before others; then a second of each that was asked for twice, and so on up to the ceiling.
 */
export function targets(
  { demands, ceiling, now }: Omit<Picture<Standing>, 'standing'>,
  { rememberMs }: Pick<Terms, 'rememberMs'>,
): Target[] {
  const wanted = demands
    .map(({ askedAt, ...demand }) => {
      const asks = askedAt.filter((at) => now - at < rememberMs).length
      return { ...demand, lastAt: askedAt[0] ?? 0, most: Math.max(demand.floor, asks), count: 0 }
    })
    .sort((a, b) => Number(isUrgent(b)) - Number(isUrgent(a)) || b.lastAt - a.lastAt)
  const mostOfOne = Math.max(0, ...wanted.map(({ most }) => most))
  let left = Math.max(0, ceiling)
  for (const one of wanted) {
    one.count = Math.min(one.floor, left)
    left -= one.count
  }
  for (let round = 1; round <= mostOfOne && left > 0; round++) {
    for (const one of wanted.filter(({ most, count }) => most >= round && count < round).slice(0, left)) {
      one.count++
      left--
    }
  }
  return wanted.map(({ side, profile, floor, isResting, count }) => ({ side, profile, floor, isResting, count }))
}

function isUrgent({ side, floor }: Pick<Target, 'side' | 'floor'>): boolean {
  return side === 'critical' && floor > 0
}

type Staffed<T> = Target & { readonly kept: readonly T[] }

function isShort({ kept, count, isResting }: Staffed<unknown>): boolean {
  return kept.length < count && !isResting
}

interface Roster<T> {
  readonly targets: readonly Staffed<T>[]
  /** Those that no target keeps, the oldest first. */
  readonly surplus: readonly T[]
}

function toRoster<T extends Standing>(picture: Picture<T>, { rememberMs, ageMs }: Terms): Roster<T> {
  const { now, standing } = picture
  const usable = standing
    .filter(({ bornAt }) => now - bornAt < ageMs)
    .sort((a, b) => Number(b.isUp) - Number(a.isUp) || b.bornAt - a.bornAt)
  const staffed = targets(picture, { rememberMs }).map((target) => {
    return { ...target, kept: usable.filter((one) => isAlike(one, target)).slice(0, target.count) }
  })
  const kept = new Set(staffed.flatMap((target) => target.kept))
  const surplus = standing.filter((one) => !kept.has(one)).sort((a, b) => a.bornAt - b.bornAt)
  return { targets: staffed, surplus }
}

function toRetire<T extends Standing>(
  { targets, surplus }: Roster<T>,
  { now, standing, ceiling }: Picture<T>,
  { ageMs, stayMs }: Terms,
): T | undefined {
  if (standing.length > ceiling) return surplus[0]
  const missing = targets.filter(isShort)
  const isFull = standing.length === ceiling
  return surplus.find((one) => {
    // Not for others: what they ask for may be another thing with every task.
    if (isFull && missing.some((target) => isUrgent(target) && target.kept.length < target.floor)) return true
    if (now - one.bornAt < ageMs) return now - one.bornAt >= stayMs
    const target = targets.find((target) => isAlike(one, target))
    const isReplaced = !target || (target.kept.length >= target.count && target.kept.every(({ isUp }) => isUp))
    return isReplaced || (isFull && missing.length > 0)
  })
}

/**
 * The one that a task takes: the first that is up, set aside for its side before those that all share; else the first
 * that is coming, which is up sooner than one that is born now. One that is as lean as it comes before others.
 */
export function choose<T extends Standing>(standing: readonly T[], wish: Wanted): T | undefined {
  const sides: readonly Side[] = wish.side === 'critical' ? ['critical', 'shared'] : ['shared']
  const needs = needsOf(wish.profile)
  const fitting = sides
    .flatMap((side) => standing.filter((one) => one.side === side && needsOf(one.profile) === needs))
    .sort((a, b) => Number(isApt(b)) - Number(isApt(a)))
  return fitting.find(({ isUp }) => isUp) ?? fitting[0]

  function isApt({ profile }: Wanted): boolean {
    return profile.isLean === wish.profile.isLean
  }
}

export function isAlike(a: Wanted, b: Wanted): boolean {
  return a.side === b.side && keyOf(a.profile) === keyOf(b.profile)
}

export interface MemoryTerms {
  /** How many, however much memory there is. */
  readonly most: number
  /** What they may take together. */
  readonly mostMiB: number
  /** What of the machine's memory is left alone. */
  readonly reserveMiB: number
}

interface MemoryNow {
  readonly standing: number
  /** By those that stand by. */
  readonly takenMiB: number
  /** What one more takes. */
  readonly oneMiB: number
  readonly availableMiB: number
}

/** How many may stand by, those included that do already and whose memory is taken. */
export function ceilingOf(
  { most, mostMiB, reserveMiB }: MemoryTerms,
  { standing, takenMiB, oneMiB, availableMiB }: MemoryNow,
): number {
  const byBudget = standing + Math.floor((mostMiB - takenMiB) / oneMiB)
  const byMachine = standing + Math.floor((availableMiB - reserveMiB) / oneMiB)
  return Math.max(0, Math.min(most, byBudget, byMachine))
}
