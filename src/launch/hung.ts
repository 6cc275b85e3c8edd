import { busyOther, type Doing, doingOf, type Glance, glanceAt, noCoreTime } from '../process/glance.ts'
import type { Worker } from '../process/worker.ts'
import type { Clock } from '../system/clock.ts'
import type { Limited } from '../task/endings.ts'
import { beyond, type LimitName } from '../task/limits.ts'
import type { Vitals } from '../task/vitals.ts'

/** In less, a process that wakes once, and waits for a core on a busy machine, would count as one that computes. */
const longMs = 1_000
/** A share of less time than this would be chance. */
const shortestMs = 100

/** Watches what a worker does, so that it can be said of one whose time is over. */
export class Behaviour {
  readonly #worker: Pick<Worker, 'identity'>
  readonly #vitals: Vitals
  readonly #clock: Clock
  /** As if it had done nothing before: to look would cost each task what few need. */
  readonly #born: Glance
  /** The newest two, the older first. */
  #glances: readonly Glance[] = []

  constructor(worker: Pick<Worker, 'identity'>, vitals: Vitals, clock: Clock) {
    this.#worker = worker
    this.#vitals = vitals
    this.#clock = clock
    this.#born = { state: 'R', cpuSeconds: 0, firstThread: noCoreTime, others: new Map(), at: clock.monotonic() }
  }

  glance(): void {
    this.#glances = [...this.#glances.slice(-1), this.#now()]
  }

  /** How an attempt ends whose time is over, and what it was doing. */
  ending(limit: LimitName, reached: number, allowed: number): Limited {
    const now = this.#now()
    const isAtLeast = (ms: number) => (glance: Glance) => now.at - glance.at >= ms
    const before = this.#glances.findLast(isAtLeast(longMs)) ?? this.#glances.find(isAtLeast(shortestMs)) ?? this.#born
    const { doing, cpuShare } = doingOf(before, now)
    const busy = busyOther(before, now)
    const { cause, message, details } = beyond(limit, reached, allowed)
    const beat = this.#vitals.lastBeat(now.at)
    const loop = beat ? { loopTurnedSecondsAgo: beat.secondsAgo, loopLagMs: beat.lagMs } : {}
    const sentence = `${message}: its process ${sentences[doing]}${busy ? `, and ${busy} of it is spinning` : ''}`
    const also = { doing, cpuShare, ...(busy && { busy }), ...loop }
    return { cause, message: cause === 'silence' ? sentence : message, details: { ...details, ...also } }
  }

  /** As it was seen last where it cannot be seen now, for want of descriptors: its time is over all the same. */
  #now(): Glance {
    const at = this.#clock.monotonic()
    try {
      return glanceAt(this.#worker.identity.pid, at)
    } catch {
      return { ...(this.#glances.at(-1) ?? this.#born), at }
    }
  }
}

const sentences: Readonly<Record<Doing, string>> = {
  spinning: 'is spinning',
  waiting: 'is waiting',
  'waiting for a disk': 'is waiting for a disk',
  stopped: 'is stopped',
  zombie: 'is a zombie',
  gone: 'is gone',
}
