import { type Followed, type Sink, Subscription } from '../../stream/subscription.ts'
import { Survey, type Surveyed, type SurveySink } from '../../stream/survey.ts'
import { Refusal } from '../../task/errors.ts'

/** A place among the subscriptions, taken before it is known whether its task exists. */
export interface Place {
  readonly ref: string
}

interface Entry {
  readonly place: Place
  subscription?: Subscription
  survey?: Survey
}

/**
 * The subscriptions of one connection by their ref. At most one for a task, and one with a filter only alone, because
 * events name only the task.
 */
export class Subscriptions {
  readonly #limit: number
  readonly #places = new Map<string, Entry>()

  constructor(limit: number) {
    this.#limit = limit
  }

  reserve(ref: string): Place {
    if (this.#places.has(ref)) throw new Refusal('CONFLICT', 'this ref has a subscription: unsubscribe or take another')
    if (this.#places.size >= this.#limit) {
      throw new Refusal('TOO_MANY', `at most ${this.#limit} subscriptions on a connection: unsubscribe from some first`)
    }
    for (const [other, { survey }] of this.#places) {
      if (survey) throw new Refusal('CONFLICT', `this connection follows a filter, as ref ${other}: open another one`)
    }
    const place = { ref }
    this.#places.set(ref, { place })
    return place
  }

  /** Starts to follow, unless the place was given up meanwhile; `announce` is called before the first event. */
  open(place: Place, followed: Followed, sink: Sink, announce: () => void): void {
    const entry = this.#places.get(place.ref)
    if (entry?.place !== place) return
    for (const [ref, { subscription }] of this.#places) {
      if (subscription?.task === followed.task) {
        throw new Refusal('CONFLICT', `this connection follows the task already, as ref ${ref}`)
      }
    }
    announce()
    entry.subscription = new Subscription(followed, sink)
  }

  /** The same for all tasks that fit a filter. */
  survey(place: Place, surveyed: Surveyed, sink: SurveySink, announce: () => void): void {
    const entry = this.#places.get(place.ref)
    if (entry?.place !== place) return
    if (this.#places.size > 1) {
      throw new Refusal('CONFLICT', 'this connection follows tasks already: open another one for a filter')
    }
    announce()
    entry.survey = new Survey(surveyed, sink)
  }

  /** Gives the place up, if it is still this one's. */
  release(place: Place): void {
    if (this.#places.get(place.ref)?.place === place) this.remove(place.ref)
  }

  /** True when there was something to end. */
  remove(ref: string): boolean {
    const entry = this.#places.get(ref)
    entry?.subscription?.end()
    entry?.survey?.end()
    return this.#places.delete(ref)
  }

  /** The last seq sent of each task: where to go on from. */
  cursors(): Record<string, number> {
    const subscriptions = [...this.#places.values()].flatMap(({ subscription }) => subscription ?? [])
    return Object.fromEntries(subscriptions.map(({ task, cursor }) => [task, cursor]))
  }

  endAll(): void {
    for (const ref of [...this.#places.keys()]) this.remove(ref)
  }
}
