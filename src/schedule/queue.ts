import type { Rule } from '../contract/explanation.ts'
import { ReturningMap } from '../system/returning-map.ts'
import type { Pool } from '../task/task.ts'
import type { Gate } from './gate.ts'
import { Heap } from './heap.ts'
import type { Key } from './key.ts'
import type { Lane } from './lane.ts'
import { byFirst } from './order.ts'
import { Spells } from './spells.ts'
import type { Tenant } from './tenant.ts'
import type { Waiting } from './waiting.ts'

/** Where in its line a queue stands: among those that only the slots limit, or those that a share does. */
export type Side = 'inside' | 'outside'

/** The windows of a pool and of a kind, where there are some. */
export type Gates = readonly [pool: Gate | undefined, kind: Gate | undefined]

/** What one tenant could start of one kind in one pool: its open lanes, the one with the first task first. */
export class Queue {
  readonly tenant: Tenant
  readonly pool: Pool
  readonly kind: string
  /** All lanes, by concurrency key, and those that are open. */
  readonly lanes = new ReturningMap<Key, Lane>()
  readonly openLanes = new Heap<Lane>(byFirst)
  /** Those with tasks, the one with the oldest first: nobody has to look at all of very many. */
  readonly #byAge = new Heap<Lane>((a, b) => (a.oldestDueAt ?? 0) - (b.oldestDueAt ?? 0))
  /** What held it back lately, as soon as something did. */
  spells: Spells | undefined
  running = 0
  /** The heap that it stands in; undefined while nothing of it could start. */
  heap: Heap<Queue> | undefined
  #poolGate: Gate | undefined
  #kindGate: Gate | undefined

  constructor(tenant: Tenant, pool: Pool, kind: string) {
    this.tenant = tenant
    this.pool = pool
    this.kind = kind
  }

  get first(): Waiting | undefined {
    return this.openLanes.first?.first
  }

  /** Of its tenant in its pool: who has the lowest comes first. */
  get tag(): number {
    return this.tenant.flows[this.pool].tag
  }

  /** Without windows there is no inside: the share of its pool always holds. */
  get side(): Side {
    return this.#poolGate?.isOpen ? 'inside' : 'outside'
  }

  /** The windows of its pool, inside of which no share bounds it, and those of its kind, outside of which it rests. */
  get gates(): readonly Gate[] {
    return [this.#poolGate, this.#kindGate].filter((gate) => gate !== undefined)
  }

  /** When the windows of its kind open; undefined while they are, or where there are none. */
  get restsUntil(): number | undefined {
    return this.#kindGate?.isOpen === false ? (this.#kindGate.until ?? Number.POSITIVE_INFINITY) : undefined
  }

  /** When the windows of its pool open, so that no share bounds it; undefined while they are, or where there are none. */
  get sharesUntil(): number | undefined {
    return this.#poolGate?.isOpen === false ? (this.#poolGate.until ?? Number.POSITIVE_INFINITY) : undefined
  }

  /** Whether this gate decides on which side it stands. */
  isOf(gate: Gate): boolean {
    return this.#poolGate === gate
  }

  /** Stands at these gates from now on; at none any more when it is done. */
  pass(gates: Gates | undefined): void {
    for (const gate of this.gates) gate.queues.delete(this)
    ;[this.#poolGate, this.#kindGate] = gates ?? []
    for (const gate of this.gates) gate.queues.add(this)
  }

  /** Puts a lane where it belongs now, or takes it out when its first task may not start. */
  seat(lane: Lane, now: number): void {
    lane.note(now)
    if (lane.oldestDueAt === undefined) this.#byAge.delete(lane)
    else this.#byAge.put(lane)
    if (lane.open) this.openLanes.put(lane)
    else this.openLanes.delete(lane)
  }

  /** A window has closed in which what runs of its kind may, or of its pool beyond the share of that. */
  get endsKind(): boolean {
    return closesOn(this.#kindGate)
  }

  get endsPool(): boolean {
    return closesOn(this.#poolGate)
  }

  /** Whether its first task may start, as far as its tenant and its kind's windows are concerned. */
  get open(): boolean {
    return this.first !== undefined && this.#heldBy === undefined
  }

  /** Keeps in mind what holds it back from now on. */
  note(now: number): void {
    const rule = this.#heldBy
    if (rule !== undefined) this.spells ??= new Spells()
    this.spells?.note(rule, now)
  }

  get #heldBy(): Rule | undefined {
    const { first } = this
    if (first === undefined) return undefined
    return this.restsUntil === undefined ? this.tenant.limitFor(first) : 'kind-window'
  }

  /** Since when its oldest task in memory is due. */
  get oldestDueAt(): number | undefined {
    return this.#byAge.first?.oldestDueAt
  }

  get isIdle(): boolean {
    return this.running === 0 && this.lanes.size === 0
  }
}

function closesOn(gate: Gate | undefined): boolean {
  return gate?.isOpen === false && gate.endsRuns
}
