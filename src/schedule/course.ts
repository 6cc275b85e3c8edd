/** How the places of one station are taken in one course of many, until it is the task's turn: see `forecast.ts`. */
import { firstAbove, type Likely, normal, type Random } from './likely.ts'
import { Places } from './places.ts'

/** Tasks that take a place before the task does. */
export interface Batch {
  readonly count: number
  readonly likely: Likely
  /** Whether they may have one of the places that the task may not. */
  readonly mayAside: boolean
}

/** Tasks that may come while it waits, and be served before it. */
export interface Comers {
  readonly perSecond: number
  /** So many of them at the most. */
  readonly most: number
  readonly likely: Likely
  readonly mayAside: boolean
}

export interface Station {
  /** What holds the places: how long still. */
  readonly taken: readonly Likely[]
  /** Places that are free; less than none when as many of those that are taken will not be free for this. */
  readonly free: number
  /** The same of places that some of what is ahead may have, and the task may not. */
  readonly aside: { readonly taken: readonly Likely[]; readonly free: number } | undefined
  readonly ahead: readonly Batch[]
  readonly comers: readonly Comers[]
  /** From then on nothing has to have a place here, in seconds from now. */
  readonly opensIn: number
}

/** How much more or less may come than lately did, two times out of three: ln of the factor. */
const trafficVaries = 0.4
/** The same of how long that takes which is far ahead, because other work waits than ran lately. */
const workVaries = 0.06
/** Of what is ahead: more is drawn in groups. */
const mostDraws = 250
/** Of what comes: after so many draws, twice as much comes at once. */
const drawsOfSize = 50
/** What comes and passes without end is not waited for longer. */
const mostSteps = 4 * mostDraws

/** When there is a place for the task at a station, in one course of many. */
export function startAt(station: Station, random: Random): number {
  const places = placesOf(station, random)
  const aside = station.aside && placesOf(station.aside, random)
  const queue = new Ahead(station, random)
  for (let steps = mostSteps; ; steps -= 1) {
    const at = places.first
    if (at === undefined || at >= station.opensIn) return station.opensIn
    queue.come(at)
    const next = steps > 0 ? queue.take() : undefined
    if (!next) return at
    const spareAt = next.mayAside ? aside?.first : undefined
    if (aside && spareAt !== undefined && spareAt <= at) aside.take(spareAt + next.seconds)
    else places.take(at + next.seconds)
  }
}

function placesOf({ taken, free }: Pick<Station, 'taken' | 'free'>, random: Random): Places {
  const ends = taken.map((likely) => Math.max(0, likely.draw(random)))
  if (free < 0) return new Places(ends.sort((a, b) => a - b).slice(-free))
  return new Places([...Array.from({ length: free }, () => 0), ...ends])
}

interface Group {
  readonly seconds: number
  readonly mayAside: boolean
}

/** What is to be served before the task, in one course. */
class Ahead {
  readonly #random: Random
  readonly #comers: readonly Comers[]
  /** The sum of the rates of each and all before it, as they were lately. */
  readonly #upTo: readonly number[]
  /** Of all comers together, as it is in this course. */
  readonly #perSecond: number
  readonly #pace: number
  readonly #groupSize: number
  readonly #left: { batch: Omit<Batch, 'count'>; count: number }[]
  readonly #came: number[]
  #at = 0
  #arrivals = 0
  #nextAt: number

  constructor({ ahead, comers }: Pick<Station, 'ahead' | 'comers'>, random: Random) {
    this.#random = random
    this.#comers = comers
    this.#came = comers.map(() => 0)
    this.#upTo = sumsOf(comers)
    this.#perSecond = (this.#upTo.at(-1) ?? 0) * Math.exp(trafficVaries * normal(random) - trafficVaries ** 2 / 2)
    this.#groupSize = Math.ceil(ahead.reduce((sum, { count }) => sum + count, 0) / mostDraws) || 1
    this.#pace = this.#groupSize > 1 ? Math.exp(workVaries * normal(random)) : 1
    this.#left = ahead.map((batch) => ({ batch, count: batch.count }))
    this.#nextAt = this.#wait()
  }

  /** Lets whatever comes until a moment come. */
  come(until: number): void {
    for (; this.#nextAt <= until && this.#arrivals < mostSteps; this.#arrivals += 1) {
      this.#arrive(this.#comingSize)
      this.#nextAt += this.#wait()
    }
  }

  take(): Group | undefined {
    while (this.#at < this.#left.length && (this.#left[this.#at]?.count ?? 0) <= 0) this.#at += 1
    const next = this.#left[this.#at]
    if (!next) return undefined
    const size = Math.min(Math.max(this.#groupSize, this.#comingSize), next.count)
    next.count -= size
    const { likely, mayAside } = next.batch
    return { seconds: this.#pace * Math.max(0, drawMany(likely, size, this.#random)), mayAside }
  }

  /** The longer it takes, the less it matters when each of them comes. */
  get #comingSize(): number {
    return 2 ** Math.floor(this.#arrivals / drawsOfSize)
  }

  #arrive(size: number): void {
    const index = firstAbove(this.#upTo, this.#random() * (this.#upTo.at(-1) ?? 0))
    const comer = this.#comers[index]
    const came = this.#came[index] ?? 0
    if (!comer || came >= comer.most) return
    const count = Math.min(size, comer.most - came)
    this.#came[index] = came + count
    this.#left.push({ batch: comer, count })
  }

  #wait(): number {
    const perSecond = this.#perSecond / this.#comingSize
    return perSecond > 0 ? -Math.log(1 - this.#random()) / perSecond : Number.POSITIVE_INFINITY
  }
}

function sumsOf(comers: readonly Comers[]): readonly number[] {
  const sums: number[] = []
  for (const { perSecond } of comers) sums.push((sums.at(-1) ?? 0) + perSecond)
  return sums
}

/** What so many take one after the other. */
function drawMany(likely: Likely, count: number, random: Random): number {
  if (count === 1) return likely.draw(random)
  return count * likely.mean + Math.sqrt(count) * likely.deviation * normal(random)
}
