/**
 * Start-time fair queueing of the tenants in a pool. A tenant's tag is the process time that it was given, over its
 * weight; who has the lowest comes next.
 *
 *     start       the pool's time becomes the tag of the tenant that starts, and its tag rises by what the task is
 *                 expected to take: nobody gets many slots at once only because nothing has ended yet
 *     settled     the tag is corrected by what it really took
 *     eligible    whoever had nothing that could start comes back at the pool's time at the earliest: what was not
 *                 asked for is not saved up
 */

/** The virtual time of a pool, in process-seconds of a tenant of weight 1. It never goes back. */
export interface Course {
  time: number
}

/** A tenant in a pool. */
export class Flow {
  readonly #course: Course
  #weight: number
  #tag = 0
  #openQueues = 0

  constructor(course: Course, weight: number) {
    this.#course = course
    this.#weight = weight
  }

  get tag(): number {
    return this.#tag
  }

  /** It would come back at the pool's time. */
  get isLevel(): boolean {
    return this.#tag <= this.#course.time
  }

  /** From now on; what was charged stays charged. */
  weigh(weight: number): void {
    this.#weight = weight
  }

  /** One more of its queues has something that could start. */
  join(): void {
    if (this.#openQueues === 0) this.#tag = Math.max(this.#tag, this.#course.time)
    this.#openQueues += 1
  }

  leave(): void {
    this.#openQueues -= 1
  }

  /** A task of it starts that is expected to take so long. */
  start(estimateSeconds: number): void {
    this.#course.time = Math.max(this.#course.time, this.#tag)
    this.charge(estimateSeconds)
  }

  /** Process time in seconds; less than nothing gives back what was charged too much. */
  charge(seconds: number): void {
    this.#tag += seconds / this.#weight
  }
}
