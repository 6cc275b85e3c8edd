import { busyOther, type Doing, doingOf, type Glance, glanceAt } from '../process/portrait.ts'
import type { Worker } from '../process/worker.ts'
import type { Clock } from '../system/clock.ts'
import type { Limited } from '../task/endings.ts'
import { beyond, type LimitName } from '../task/limits.ts'
import type { Vitals } from '../task/vitals.ts'

/** In less, a process that wakes once, and waits for a core on a busy machine, would count as one that computes. */
const shortestMs = 1_000

/** Watches what a worker does, so that it can be said of one whose time is over. */
export class Behaviour {
  readonly #worker: Pick<Worker, 'identity'>
  readonly #vitals: Vitals
  readonly #clock: Clock
  /** The oldest first: one of them is old enough. */
  #glances: readonly [Glance, Glance]

  constructor(worker: Pick<Worker, 'identity'>, vitals: Vitals, clock: Clock) {
    this.#worker = worker
    this.#vitals = vitals
    this.#clock = clock
    const born = { state: 'R', cpuSeconds: 0, wantedSeconds: 0, others: new Map(), at: clock.monotonic() }
    this.#glances = [born, born]
  }

  glance(): void {
    this.#glances = [this.#glances[1], this.#now()]
  }

  /** How an attempt ends whose time is over, and what it was doing. */
  ending(limit: LimitName, reached: number, allowed: number): Limited {
    const now = this.#now()
    const [older, newer] = this.#glances
    const before = now.at - newer.at >= shortestMs ? newer : older
    const { doing, cpuShare } = doingOf(before, now)
    const busy = busyOther(before, now)
    const { cause, message, details } = beyond(limit, reached, allowed)
    const beat = this.#vitals.lastBeat(now.at)
    const loop = beat ? { loopTurnedSecondsAgo: beat.secondsAgo, loopLagMs: beat.lagMs } : {}
    const sentence = `${message}: its process ${sentences[doing]}${busy ? `, and ${busy} of it is spinning` : ''}`
    const also = { doing, cpuShare, ...(busy && { busy }), ...loop }
    return { cause, message: cause === 'silence' ? sentence : message, details: { ...details, ...also } }
  }

  #now(): Glance {
    return glanceAt(this.#worker.identity.pid, this.#clock.monotonic())
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
