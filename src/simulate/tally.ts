/** Counts while a trace is replayed: who waited how long, who got what, how full it was. */
import type { Policy } from '../schedule/policy.ts'
import type { Waiting } from '../schedule/waiting.ts'
import { POOLS, type Pool } from '../task/task.ts'
import { Fairness, jainIndex } from './fairness.ts'
import type { Foretold } from './foresight.ts'
import { type Moment, Timeline } from './timeline.ts'

/** Of a pool, or of a tenant. */
export interface GroupFigures {
  readonly name: string
  readonly tasks: number
  readonly started: number
  readonly expired: number
  /** Attempts of it that were ended for another task, or by a window. */
  readonly preemptions: number
  /** Process-seconds of its attempts, those included whose work was lost. */
  readonly processSeconds: number
  readonly waitSeconds: { readonly p50: number; readonly p90: number; readonly max: number }
  /** All waits in order, in seconds: from the arrival to the first start. */
  readonly waits: Float64Array
}

export interface PoolFigures extends GroupFigures {
  readonly foretold: Foretold
  /** Jain's index of what tenants got over what they were due: 1 when all is fair. */
  readonly fairness: number
}

export interface TenantFigures extends GroupFigures {
  readonly weight: number
  /** What it got over what it was due while it had to wait, all pools together; null when it never did. */
  readonly share: number | null
}

export interface Figures {
  readonly slots: number
  /** From the first arrival to the end. */
  readonly seconds: number
  /** Process-seconds over those that all slots had. */
  readonly utilisation: number
  /** Tasks that had not come to their end. */
  readonly unfinished: number
  readonly pools: readonly PoolFigures[]
  readonly tenants: readonly TenantFigures[]
  readonly moments: readonly Moment[]
}

export class Tally {
  readonly #weightOf: (tenant: string) => number
  readonly #slots: number
  readonly #foretold: (pool: Pool) => Foretold
  readonly #startedAt: number
  readonly #pools = new Map<string, Group>(POOLS.map((pool) => [pool, new Group()]))
  readonly #tenants = new Map<string, Group>()
  readonly #fairness: Readonly<Record<Pool, Fairness>> = {
    critical: new Fairness(),
    normal: new Fairness(),
    batch: new Fairness(),
  }
  readonly #timeline: Timeline

  constructor(policy: Policy, weightOf: (tenant: string) => number, now: number, foretold: (pool: Pool) => Foretold) {
    this.#weightOf = weightOf
    this.#foretold = foretold
    this.#slots = policy.sharedSlots + policy.pools.critical.min
    this.#startedAt = now
    this.#timeline = new Timeline(now)
  }

  queued(task: Waiting, now: number): void {
    if (task.attempt === 0) for (const group of this.#groupsOf(task)) group.tasks += 1
    this.#change(task, now, { waiting: 1, running: 0 })
  }

  started(task: Waiting, now: number): void {
    const waited = (now - task.createdAt) / 1000
    for (const group of this.#groupsOf(task)) {
      group.run(now, 1)
      if (task.attempt === 0) group.waits.push(waited)
    }
    this.#change(task, now, { waiting: -1, running: 1 })
  }

  ended(task: Waiting, now: number): void {
    for (const group of this.#groupsOf(task)) group.run(now, -1)
    this.#change(task, now, { waiting: 0, running: -1 })
  }

  expired(task: Waiting, now: number): void {
    for (const group of this.#groupsOf(task)) group.expired += 1
    this.#change(task, now, { waiting: -1, running: 0 })
  }

  preempted(task: Waiting): void {
    for (const group of this.#groupsOf(task)) group.preemptions += 1
  }

  figures(now: number, unfinished: number): Figures {
    const shares = POOLS.map((pool) => this.#fairness[pool].totals(now))
    const seconds = (now - this.#startedAt) / 1000
    const pools = POOLS.map((pool, at) => ({
      ...(this.#pools.get(pool) as Group).figures(pool, now),
      foretold: this.#foretold(pool),
      fairness: jainIndex([...(shares[at]?.values() ?? [])].map(({ got, due }) => got / due)),
    }))
    const used = pools.reduce((sum, { processSeconds }) => sum + processSeconds, 0)
    const tenants = [...this.#tenants].map(([name, group]) => {
      const own = shares.flatMap((pool) => pool.get(name) ?? [])
      const [got, due] = [sumOf(own.map((one) => one.got)), sumOf(own.map((one) => one.due))]
      return { ...group.figures(name, now), weight: this.#weightOf(name), share: due > 0 ? got / due : null }
    })
    const utilisation = seconds > 0 ? used / (seconds * this.#slots) : 0
    return { slots: this.#slots, seconds, utilisation, unfinished, pools, tenants, moments: this.#timeline.moments }
  }

  #change({ tenant, pool }: Waiting, now: number, by: { readonly waiting: number; readonly running: number }): void {
    this.#fairness[pool].change(tenant, this.#weightOf(tenant), now, by)
    this.#timeline.change(pool, now, by)
  }

  #groupsOf({ pool, tenant }: Waiting): readonly Group[] {
    const own = this.#tenants.get(tenant) ?? new Group()
    this.#tenants.set(tenant, own)
    return [this.#pools.get(pool) as Group, own]
  }
}

class Group {
  tasks = 0
  expired = 0
  preemptions = 0
  readonly waits: number[] = []
  #running = 0
  #processMs = 0
  #countedAt = 0

  /** So many more run from now on. */
  run(now: number, by: number): void {
    this.#processMs += (now - this.#countedAt) * this.#running
    this.#countedAt = now
    this.#running += by
  }

  figures(name: string, now: number): GroupFigures {
    this.run(now, 0)
    const { tasks, expired, preemptions } = this
    const waits = Float64Array.from(this.waits).sort()
    const at = (share: number) => waits[Math.min(waits.length - 1, Math.floor(share * waits.length))] ?? 0
    const waitSeconds = { p50: at(0.5), p90: at(0.9), max: at(1) }
    const processSeconds = this.#processMs / 1000
    return { name, tasks, started: waits.length, expired, preemptions, processSeconds, waitSeconds, waits }
  }
}

function sumOf(figures: readonly number[]): number {
  return figures.reduce((sum, figure) => sum + figure, 0)
}
