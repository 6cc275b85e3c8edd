import { Gate } from './gate.ts'
import type { Hours } from './hours.ts'
import { kindPolicy, type Policy } from './policy.ts'
import type { Queue, Gates as QueueGates } from './queue.ts'

/**
 * The gates that there are, one for each windows and time zone: shared by all queues that they hold for. Never more than
 * there are pools and kinds with windows, times the time zones of tenants, of which there are some 600.
 */
export class Gates {
  readonly #gates = new Map<string, Gate>()
  #policy: Policy

  constructor(policy: Policy) {
    this.#policy = policy
  }

  /** From now on; queues have to be given their gates anew. */
  adopt(policy: Policy): void {
    this.#policy = policy
    this.#gates.clear()
  }

  /** The two of a queue: undefined where there are no windows. */
  of({ tenant, pool, kind }: Queue, now: number): QueueGates {
    const { timeZone } = tenant.policy
    return [
      this.#gate(`pool ${pool} ${timeZone}`, this.#policy.pools[pool].windows, timeZone, now),
      this.#gate(`kind ${kind} ${timeZone}`, kindPolicy(this.#policy, kind).windows, timeZone, now),
    ]
  }

  /** Those that open or close at this moment. */
  turning(now: number): readonly Gate[] {
    const turned: Gate[] = []
    for (const gate of this.#gates.values()) {
      if (gate.until !== undefined && gate.until <= now && gate.look(now)) turned.push(gate)
    }
    return turned
  }

  /** When the next has to be looked at. */
  get nextAt(): number | undefined {
    let next: number | undefined
    for (const { until, queues } of this.#gates.values()) {
      if (until !== undefined && queues.size > 0 && !(next !== undefined && next <= until)) next = until
    }
    return next
  }

  /** Undefined where there are no windows. */
  #gate(name: string, windows: readonly Hours[], timeZone: string, now: number): Gate | undefined {
    if (windows.length === 0) return undefined
    const gate = this.#gates.get(name) ?? new Gate(windows, timeZone, now)
    this.#gates.set(name, gate)
    return gate
  }
}
