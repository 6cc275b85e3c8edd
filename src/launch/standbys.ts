import type { Worker } from '../process/worker.ts'
import { FRAME } from '../protocol/frame.ts'
import { afterHearing, type Clock } from '../system/clock.ts'
import type { Logger } from '../system/logger.ts'
import type { Pool } from '../task/task.ts'
import { Breaker } from './breaker.ts'
import { Demands, type DemandTerms } from './demands.ts'
import type { LaunchProfile } from './profile.ts'
import { rehearsal } from './rehearsal.ts'
import { type MemoryLooks, StandbyMemory } from './standby-memory.ts'
import {
  choose,
  isAlike,
  type MemoryTerms,
  nextStep,
  type Side,
  type Step,
  sideOf,
  type Terms,
} from './standby-policy.ts'

export interface StandbyTerms extends Terms, MemoryTerms, DemandTerms {
  /** Until then a standby has said its first word, or it goes. */
  readonly startDeadlineMs: number
}

export interface StandbyDeps {
  /** Rejects when no process can be started; nothing is left of it then. */
  readonly bear: (profile: LaunchProfile) => Promise<Worker>
  /** Ends a worker that was not told a task, with everything it has. */
  readonly discard: (worker: Worker) => Promise<void>
  readonly memory: MemoryLooks
  readonly clock: Clock
  readonly logger: Logger
}

interface Standby {
  readonly side: Side
  readonly profile: LaunchProfile
  readonly bornAt: number
  readonly worker: Promise<Worker>
  isUp: boolean
  /** Takes back whatever waits for it. */
  disarm: () => void
}

/** A standby that was taken. */
export interface Taken {
  readonly worker: Promise<Worker>
  /** It was up, so whatever becomes of it before it is told its task has nothing to do with that. */
  readonly wasUp: boolean
}

/** What nothing else calls for is looked at this often: ages, memory, what is no longer wanted. */
const lookMs = 15_000
/** A task often follows another: while one more stands by, nobody is born so soon that it would take the core of the next. */
const quietMs = 50

/** Workers that wait, blank, for their one task: each is taken once, and never comes back. */
export class Standbys {
  readonly #terms: StandbyTerms
  readonly #deps: StandbyDeps
  readonly #demands: Demands
  readonly #memory: StandbyMemory
  readonly #breaker = new Breaker()
  readonly #standing = new Set<Standby>()
  readonly #leaving = new Set<Promise<void>>()
  #isOpen = false
  #isClosed = false
  #isAwake = false
  #disarm = () => {}
  #takenAt = Number.NEGATIVE_INFINITY

  constructor(terms: StandbyTerms, deps: StandbyDeps) {
    this.#terms = terms
    this.#deps = deps
    this.#demands = new Demands(terms)
    this.#memory = new StandbyMemory(terms, deps.memory, deps.clock)
  }

  /** From now on workers are born ahead. Not before what an earlier start left is gone. */
  open(): void {
    this.#isOpen = !this.#isClosed
    this.refill()
  }

  /** Discards all of them, and has none born until it is opened again; resolves when nothing of them is left. */
  async clear(): Promise<void> {
    this.#isOpen = false
    this.#disarm()
    for (const standby of this.#standing) this.#dismiss(standby)
    while (this.#leaving.size > 0) await Promise.all(this.#leaving)
  }

  /** The same for good. */
  close(): Promise<void> {
    this.#isClosed = true
    return this.clear()
  }

  /** One of this profile, if there is one; nobody else gets it. */
  take(pool: Pool, profile: LaunchProfile): Taken | undefined {
    this.#demands.note(pool, profile, this.#now)
    const standby = choose([...this.#standing], { side: sideOf(pool), profile })
    if (!standby) return undefined
    this.#strike(standby)
    this.#takenAt = this.#now
    if (standby.isUp) this.#breaker.worked(standby.profile)
    return { worker: standby.worker, wasUp: standby.isUp }
  }

  /** Whether a task of this profile finds one that is up. */
  has(pool: Pool, profile: LaunchProfile): boolean {
    return choose([...this.#standing], { side: sideOf(pool), profile })?.isUp ?? false
  }

  /** Has those born that are missing, one after the other, when there is nothing else to do at once. */
  refill(): void {
    if (this.#isAwake || !this.#isOpen || this.#terms.most === 0) return
    this.#isAwake = true
    setImmediate(() => {
      this.#isAwake = false
      if (this.#isOpen) this.#turn()
    })
  }

  /** Those that a task of this pool finds up. */
  count(pool: Pool): number {
    const isTheirs = (standby: Standby) => sideOf(pool) === 'critical' || standby.side === 'shared'
    return [...this.#standing].filter((standby) => standby.isUp && isTheirs(standby)).length
  }

  /** Some fail, one after the other: they are tried ever more seldom. */
  get areFailing(): boolean {
    return this.#breaker.areFailing(this.#now)
  }

  get #now(): number {
    return this.#deps.clock.monotonic()
  }

  #restBefore(step: Step<Standby> | undefined): number {
    if (step?.do !== 'bear') return 0
    const isSpare = [...this.#standing].some((one) => one.isUp && isAlike(one, step))
    return isSpare ? Math.max(0, this.#takenAt + quietMs - this.#now) : 0
  }

  #turn(): void {
    this.#disarm()
    const standing = [...this.#standing]
    const ceiling = this.#memory.ceiling(standing.map(({ profile }) => profile))
    const now = this.#now
    const demands = this.#demands.list({
      isFailing: (profile) => this.#breaker.isFailing(profile, now),
      isResting: (profile) => this.#breaker.restMs(profile, now) > 0,
    })
    const picture = { now, demands, standing, ceiling }
    const step = nextStep(picture, this.#terms)
    const restMs = this.#restBefore(step)
    if (step?.do === 'retire') this.#dismiss(step.standby)
    if (step?.do === 'bear' && restMs === 0) this.#bear(step.side, step.profile)
    const isDone = !step || (step.do === 'bear' && restMs > 0)
    const rests = demands.map(({ profile }) => this.#breaker.restMs(profile, now)).filter((ms) => ms > 0)
    const nextMs = Math.min(step ? restMs : lookMs, this.#terms.ageMs, ...rests)
    if (isDone) this.#disarm = this.#deps.clock.after(nextMs, () => this.refill())
    else this.refill()
  }

  #bear(side: Side, profile: LaunchProfile): void {
    const { bear, clock } = this.#deps
    const worker = bear(profile)
    const standby: Standby = { side, profile, bornAt: this.#now, worker, isUp: false, disarm: () => {} }
    standby.disarm = afterHearing(clock, this.#terms.startDeadlineMs, () => {
      this.#fail(standby, `it was not ready within ${this.#terms.startDeadlineMs / 1000} s`)
    })
    this.#standing.add(standby)
    worker.then(
      (born) => this.#attend(standby, born),
      (error) => this.#fail(standby, error),
    )
  }

  #attend(standby: Standby, worker: Worker): void {
    void worker.spoke.then(() => this.#rise(standby, worker))
    void worker.exited.then(({ code, signal }) => this.#fail(standby, `it ended by itself: ${signal ?? code}`))
  }

  #rise(standby: Standby, worker: Worker): void {
    if (!this.#standing.has(standby)) return
    standby.disarm()
    standby.isUp = true
    this.#memory.isUp(standby.profile, worker)
    // Only now that it is to wait: under load most are taken on their way here, and it would be 1 to 3 ms of CPU of each task.
    worker.send(FRAME.REHEARSE, rehearsal)
    this.refill()
  }

  #fail(standby: Standby, reason: unknown): void {
    if (!this.#standing.has(standby)) return
    this.#dismiss(standby)
    if (this.#breaker.failed(standby.profile, this.#now)) {
      this.#deps.logger.warn(
        { reason, profile: standby.profile },
        'workers that are to stand by fail one after the other: tried ever more seldom',
      )
    }
    this.refill()
  }

  #dismiss(standby: Standby): void {
    this.#strike(standby)
    const leaving = standby.worker
      .then(
        (worker) => this.#deps.discard(worker),
        () => {},
      )
      .catch((err) => this.#deps.logger.error({ err }, 'a standby could not be removed: the next start tries again'))
      .finally(() => this.#leaving.delete(leaving))
    this.#leaving.add(leaving)
  }

  #strike(standby: Standby): void {
    standby.disarm()
    this.#standing.delete(standby)
  }
}
