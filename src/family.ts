/** What tasks do with tasks: submit children, see them, wait for them, and take them along when they are cancelled. */
import { type Journal, JournalUnusable, type QueuedTask } from './journal/journal.ts'
import type { Registry } from './kinds/registry.ts'
import { unknownYet } from './schedule/awaiting.ts'
import type { Board } from './schedule/board.ts'
import { waitingOf } from './schedule/waiting.ts'
import type { Inquiry, StoreInquiry } from './stream/inquiries.ts'
import type { Clock } from './system/clock.ts'
import type { Logger } from './system/logger.ts'
import { Refusal } from './task/errors.ts'
import type { Task, TaskEvent } from './task/task.ts'

export interface FamilyDeps {
  readonly journal: Pick<Journal, 'families'>
  readonly registry: Registry
  readonly logger: Logger
  readonly clock: Clock
}

export interface FamilyWays {
  /** Resolves with the child of this key, once it is durable. Throws a Refusal. */
  readonly submit: (parent: Task, key: string, request: unknown) => Promise<{ readonly id: string }>
  /** Some task may be due now. */
  readonly due: () => void
  readonly cancel: (tenant: string, id: string, reason: string) => Promise<unknown>
}

const restMs = 1_000
const ends: ReadonlySet<string> = new Set(['task.succeeded', 'task.failed', 'task.cancelled'])

export class Family {
  readonly #deps: FamilyDeps
  readonly #board: Pick<Board, 'add' | 'await' | 'settled'>
  readonly #ways: FamilyWays

  constructor(deps: FamilyDeps, board: Pick<Board, 'add' | 'await' | 'settled'>, ways: FamilyWays) {
    this.#deps = deps
    this.#board = board
    this.#ways = ways
  }

  /** What a running task asked for. Throws a Refusal. */
  answer(parent: Task, inquiry: Exclude<Inquiry, StoreInquiry>): Promise<unknown> {
    if (inquiry.type === 'children') return this.#deps.journal.families.page(parent.id, inquiry.after)
    return this.#ways.submit(parent, inquiry.key, inquiry.request)
  }

  /** Told of every commit: who waits for a child learns of its end, and who is cancelled takes its children along. */
  notice(events: readonly TaskEvent[]): void {
    for (const { type, task, tenant } of events) {
      if (ends.has(type) && this.#board.settled(task)) this.#ways.due()
      if (type === 'task.cancelling' || type === 'task.cancelled')
        this.#attempt(task, () => this.#cancelChildren(tenant, task))
    }
  }

  /** What an earlier boot had no time for any more. */
  async cancelUnwanted(): Promise<void> {
    for (const child of await this.#deps.journal.families.unwanted()) await this.#cancel(child.tenant, child)
  }

  /** Lets a queued task wait for its time, its turn, or its children. */
  lineUp(task: QueuedTask): void {
    // It may be cancelled or its time may come while its children are looked for.
    this.#board.add(waitingOf(task, task.awaits === null ? [] : unknownYet))
    if (task.awaits !== null) this.#attempt(task.id, () => this.#await(task))
  }

  async #await(task: QueuedTask): Promise<void> {
    const children = await this.#awaited(task)
    if (!this.#board.await(task, children)) return
    this.#ways.due()
    // Whoever settled between the look and the wait was missed by both.
    const left = new Set(await this.#awaited(task))
    for (const child of children) if (!left.has(child) && this.#board.settled(child)) this.#ways.due()
  }

  /** Nothing that is wanted here may be forgotten because the journal stumbles once. */
  #attempt(task: string, what: () => Promise<void>): void {
    what().catch((error) => {
      // With the journal gone there is nothing more to do here: the next start takes it up.
      if (error instanceof JournalUnusable || (error instanceof Refusal && error.code === 'STOPPING')) return
      this.#deps.logger.error(
        { err: error, task },
        'a task and its children could not be brought together: trying again',
      )
      this.#deps.clock.after(restMs, () => this.#attempt(task, what))
    })
  }

  async #cancelChildren(tenant: string, parent: string): Promise<void> {
    for (const child of await this.#deps.journal.families.unsettled(parent)) await this.#cancel(tenant, child)
  }

  async #cancel(tenant: string, { id, kind }: Pick<Task, 'id' | 'kind'>): Promise<void> {
    // The parent's cleanup may need it, and others do.
    if (this.#deps.registry.get(kind)?.servesParents) return
    try {
      await this.#ways.cancel(tenant, id, 'its parent task was cancelled')
    } catch (error) {
      // It has ended by itself meanwhile, or is about to.
      if (!(error instanceof Refusal && error.code === 'CONFLICT')) throw error
    }
  }

  /** The ids that a suspended task waits for, as far as they are of its children and have not settled. */
  async #awaited({ id, awaits }: Pick<QueuedTask, 'id' | 'awaits'>): Promise<readonly string[]> {
    if (awaits === null) return []
    const unsettled = (await this.#deps.journal.families.unsettled(id)).map((child) => child.id)
    const wanted = awaits === 'all' ? undefined : new Set(awaits)
    return wanted ? unsettled.filter((child) => wanted.has(child)) : unsettled
  }
}
