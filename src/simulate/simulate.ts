/**
 * Replays a trace: the same board and the same plan as the orchestrator's, with a clock that jumps from one thing that
 * happens to the next, and processes that only take their time.
 *
 *     arrivals ─┐
 *               ├→ board → plan → start | preempt | expire → courses (what the attempts do) ─┐
 *     endings ──┘      ↖ store (what the board leaves to the journal)                        │
 *         ↑────────────────────────────────────────────────────────────────────────────────── ┘
 */
import { Board } from '../schedule/board.ts'
import { type Decision, plan } from '../schedule/plan.ts'
import type { Policy, TenantPolicy } from '../schedule/policy.ts'
import type { Waiting } from '../schedule/waiting.ts'
import { Courses, type Occurrence, savedSeconds } from './courses.ts'
import { Foresight } from './foresight.ts'
import { Store } from './store.ts'
import { type Figures, Tally } from './tally.ts'
import type { Arrival } from './trace.ts'

export interface Setting {
  readonly policy: Policy
  /** What tenants may where that is not what every other may. */
  readonly tenants?: ReadonlyMap<string, TenantPolicy>
  /** Of each pool so many tasks are told when they will start, at the most; none unless told otherwise. */
  readonly forecasts?: number
  /** Ends there even if something still waits; without, when all is done. In milliseconds since 1970. */
  readonly until?: number
}

/** A task under way: what waits or runs of it, and what of its work is saved. */
interface Task {
  readonly arrival: Arrival
  waiting: Waiting
  savedSeconds: number
}

/** The arrivals are in the order of their times. */
export function simulate(arrivals: readonly Arrival[], setting: Setting): Figures {
  return new Simulation(arrivals, setting).run()
}

class Simulation {
  readonly #arrivals: readonly Arrival[]
  readonly #until: number
  readonly #board: Board
  readonly #store = new Store()
  readonly #courses = new Courses()
  readonly #tally: Tally
  readonly #foresight: Foresight
  readonly #tasks = new Map<string, Task>()
  #arrived = 0
  #now: number

  constructor(
    arrivals: readonly Arrival[],
    { policy, tenants = new Map(), forecasts = 0, until = Number.POSITIVE_INFINITY }: Setting,
  ) {
    this.#arrivals = arrivals
    this.#until = until
    this.#now = arrivals[0]?.at ?? 0
    this.#board = new Board(policy)
    for (const [tenant, own] of tenants) this.#board.grant(tenant, own)
    const weightOf = (tenant: string) => (tenants.get(tenant) ?? policy.tenant).weight
    this.#foresight = new Foresight(this.#board, this.#store, arrivals, forecasts)
    this.#tally = new Tally(policy, weightOf, this.#now, (pool) => this.#foresight.of(pool))
  }

  run(): Figures {
    for (let next = this.#now; next < this.#until; next = this.#nextAt()) {
      this.#now = next
      this.#arrive()
      for (let one = this.#courses.take(next); one; one = this.#courses.take(next)) this.#happen(one)
      this.#turn()
      this.#foresight.ask(next)
    }
    // What is left waits for something that never comes, or the time is up.
    const isCut = this.#tasks.size > 0 && this.#until < Number.POSITIVE_INFINITY
    return this.#tally.figures(isCut ? this.#until : this.#now, this.#tasks.size)
  }

  /** Infinity when nothing will ever happen again. */
  #nextAt(): number {
    const arrivesAt = this.#arrivals[this.#arrived]?.at ?? Number.POSITIVE_INFINITY
    const wakesAt = this.#tasks.size > 0 ? this.#board.nextWakeAt(this.#now) : undefined
    const next = Math.min(arrivesAt, this.#courses.nextAt, wakesAt ?? Number.POSITIVE_INFINITY)
    // Times are whole milliseconds, as those of the orchestrator, and go on.
    return Math.max(Math.ceil(next), this.#now + 1)
  }

  #arrive(): void {
    for (;;) {
      const arrival = this.#arrivals[this.#arrived]
      if (!arrival || arrival.at > this.#now) return
      this.#arrived += 1
      const waiting = waitingOf(arrival, this.#arrived)
      this.#tasks.set(waiting.id, { arrival, waiting, savedSeconds: 0 })
      this.#queue(waiting)
      this.#foresight.came(waiting)
    }
  }

  #queue(task: Waiting): void {
    this.#store.add(task)
    this.#board.add(task)
    this.#tally.queued(task, this.#now)
  }

  #happen({ attempt, what }: Occurrence): void {
    const { id } = attempt
    if (what === 'checkpoint') {
      this.#board.checkpointed(id, this.#now)
      return
    }
    const task = this.#tasks.get(id) as Task
    this.#board.end(id, this.#now, what === 'done' ? 'typical' : 'lost')
    this.#tally.ended(task.waiting, this.#now)
    if (what === 'done') this.#tasks.delete(id)
    else this.#requeue(task, savedSeconds(attempt))
  }

  #requeue(task: Task, savedSeconds: number): void {
    const { attempt, preemptions } = task.waiting
    task.savedSeconds = savedSeconds
    task.waiting = { ...task.waiting, attempt: attempt + 1, preemptions: preemptions + 1, front: true }
    this.#queue(task.waiting)
  }

  /** As the orchestrator's, but that the journal answers at once. */
  #turn(): void {
    const board = this.#board
    do {
      board.advance(this.#now)
      for (let next = plan(board, this.#now); next; next = plan(board, this.#now)) this.#apply(next)
    } while (this.#store.restock(board) || board.hasDue(this.#now))
  }

  #apply(decision: Decision): void {
    if (decision.do === 'start') this.#start(decision.task)
    else if (decision.do === 'preempt') this.#makeRoom(decision)
    else {
      this.#store.delete(decision.task)
      this.#board.remove(decision.task)
      this.#tally.expired(decision.task, this.#now)
      this.#foresight.gone(decision.task)
      this.#tasks.delete(decision.task.id)
    }
  }

  #start(waiting: Waiting): void {
    const { arrival, savedSeconds } = this.#tasks.get(waiting.id) as Task
    const { seconds, checkpointSeconds } = arrival
    this.#store.delete(waiting)
    this.#board.start(waiting.id, this.#now)
    this.#courses.begin({ id: waiting.id, doneSeconds: savedSeconds, seconds, checkpointSeconds }, this.#now)
    this.#tally.started(waiting, this.#now)
    this.#foresight.started(waiting, this.#now)
  }

  #makeRoom({ victims, task }: Decision & { do: 'preempt' }): void {
    const ids = victims.map(({ id }) => id)
    if (task) this.#board.promise(task, ids)
    for (const victim of victims) {
      this.#board.preempting(victim.id)
      this.#courses.preempt(victim.id, this.#now)
      this.#tally.preempted(victim)
    }
  }
}

/** Ids in the order of arrival. */
function waitingOf(arrival: Arrival, number: number): Waiting {
  const { at, tenant, kind, pool, priority, key, limit, memoryMiB, ttlSeconds } = arrival
  return {
    id: String(number).padStart(8, '0'),
    tenant,
    kind,
    pool,
    attempt: 0,
    concurrency: key === null ? null : { key, limit },
    priority,
    notBefore: null,
    expiresAt: ttlSeconds === null ? null : at + ttlSeconds * 1000,
    front: false,
    createdAt: at,
    memoryMiB,
    filesInMemoryMiB: 0,
    workspaceMiB: 0,
    fileMiB: 0,
    openFiles: 0,
    processes: 0,
    awaits: [],
    hasBegun: false,
    preemptions: 0,
    isCleanup: false,
    isOnlyHere: false,
  }
}
