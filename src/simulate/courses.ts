/** What becomes of attempts while nobody looks: when they save a checkpoint and when they end. */
import { Heap } from '../schedule/heap.ts'
import { normal, sourceOf } from '../schedule/likely.ts'

/** An attempt under way; times are milliseconds since 1970. */
export interface Attempt {
  readonly id: string
  readonly startedAt: number
  /** What of the task was done before, in seconds. */
  readonly doneSeconds: number
  readonly seconds: number
  readonly checkpointSeconds: number | null
  /** When something happens to it next. */
  nextAt: number
  checkpointAt: number | undefined
  /** It was asked to end before it is done. */
  isPreempted: boolean
}

export type Occurrence = { readonly attempt: Attempt; readonly what: 'checkpoint' | 'done' | 'preempted' }

/** From the wish that it ends until it has, in the middle; some take less, few several times as long: ln of the spread. */
const graceMs = 1_000
const graceSpread = 0.6
const graceSeed = 1

export class Courses {
  readonly #attempts = new Map<string, Attempt>()
  readonly #random = sourceOf(graceSeed)
  readonly #next = new Heap<Attempt>((a, b) => a.nextAt - b.nextAt || (a.id < b.id ? -1 : 1))

  begin(task: Pick<Attempt, 'id' | 'doneSeconds' | 'seconds' | 'checkpointSeconds'>, now: number): void {
    const { id, doneSeconds, seconds, checkpointSeconds } = task
    const same = { id, startedAt: now, doneSeconds, seconds, checkpointSeconds }
    const attempt: Attempt = { ...same, nextAt: 0, checkpointAt: undefined, isPreempted: false }
    this.#attempts.set(id, attempt)
    this.#await(attempt, now)
  }

  preempt(id: string, now: number): void {
    const attempt = this.#attempts.get(id)
    if (!attempt || attempt.isPreempted) return
    attempt.isPreempted = true
    // It may well be done before it is ended.
    attempt.nextAt = Math.min(doneAt(attempt), now + graceMs * Math.exp(graceSpread * normal(this.#random)))
    this.#next.put(attempt)
  }

  get nextAt(): number {
    return this.#next.first?.nextAt ?? Number.POSITIVE_INFINITY
  }

  /** Something that has happened by now, the first of it; undefined when nothing has. */
  take(now: number): Occurrence | undefined {
    const attempt = this.#next.first
    if (!attempt || attempt.nextAt > now) return undefined
    if (attempt.nextAt < doneAt(attempt) && !attempt.isPreempted) {
      attempt.checkpointAt = attempt.nextAt
      this.#await(attempt, attempt.nextAt)
      return { attempt, what: 'checkpoint' }
    }
    this.#next.delete(attempt)
    this.#attempts.delete(attempt.id)
    return { attempt, what: attempt.nextAt < doneAt(attempt) ? 'preempted' : 'done' }
  }

  #await(attempt: Attempt, now: number): void {
    const { checkpointSeconds } = attempt
    const checkpointAt = checkpointSeconds === null ? Number.POSITIVE_INFINITY : now + checkpointSeconds * 1000
    attempt.nextAt = Math.min(checkpointAt, doneAt(attempt))
    this.#next.put(attempt)
  }
}

/** What of its task is saved when it ends before it is done, in seconds. */
export function savedSeconds({ startedAt, checkpointAt, doneSeconds }: Attempt): number {
  return doneSeconds + (checkpointAt === undefined ? 0 : (checkpointAt - startedAt) / 1000)
}

function doneAt({ startedAt, seconds, doneSeconds }: Attempt): number {
  return startedAt + (seconds - doneSeconds) * 1000
}
