import type { Sight } from '../../../client/client.ts'
import type { ContractEvent } from '../../../contract/event.ts'
import type { ContractTask } from '../../../contract/task.ts'
import { isTerminal, type State, stateAfter } from '../../../task/states.ts'
import type { Pool } from '../../../task/task.ts'
import { next, type Seen, seenAs } from '../../cli/show/seen.ts'

/** What the editor keeps of a task. */
export interface TaskInView {
  readonly id: string
  readonly kind: string
  readonly pool: Pool
  readonly state: State
  readonly seen: Seen
  readonly createdAt: string
  /** Why it did not succeed. */
  readonly complaint: string
}

export interface Counts {
  readonly running: number
  readonly queued: number
}

const mostSettled = 100

/** The tasks of a tenant as the sights of them show it: all that are unfinished, and the latest of the others. */
export class TasksInView {
  readonly #tasks = new Map<string, TaskInView>()
  /** Unfinished ones that the newest connection has not shown. */
  #stale = new Set<string>()
  /** How many wait beyond those that are shown, as far as is known. */
  #unseen = 0
  /** The latest that is known to have happened when they were counted, and by now. */
  #countedAt = ''
  #latest = ''

  get(id: string): TaskInView | undefined {
    return this.#tasks.get(id)
  }

  get all(): readonly TaskInView[] {
    return [...this.#tasks.values()]
  }

  get counts(): Counts {
    const queued = this.all.filter(({ state }) => state === 'queued').length
    return {
      queued: queued + this.#unseen,
      running: this.all.filter(({ state }) => !isTerminal(state)).length - queued,
    }
  }

  /** The task that a sight is about, as it is now; nothing for one that is not known, or of which it changes nothing. */
  see(sight: Sight): TaskInView | undefined {
    const before = sight.type === 'event' ? this.#tasks.get(sight.task) : undefined
    if (sight.type === 'event' && !before) return undefined
    const task = sight.type === 'task' ? inView(sight.task) : before && after(before, sight.event)
    if (!task || task === before) return undefined
    if (sight.type === 'task') this.#meet(sight.task)
    this.#tasks.set(task.id, task)
    this.#stale.delete(task.id)
    if (isTerminal(task.state)) this.#forgetOldest()
    return task
  }

  /** Everything may be different when it is seen again. */
  lost(): void {
    this.#stale = new Set(this.all.filter(({ state }) => !isTerminal(state)).map(({ id }) => id))
  }

  /** All has been shown: what was not, is no more. Returns the ids of those. */
  live(): readonly string[] {
    const gone = [...this.#stale]
    for (const id of gone) this.#tasks.delete(id)
    this.#stale.clear()
    this.#unseen = 0
    return gone
  }

  /** So many wait in all. */
  waiting(queued: number): void {
    this.#unseen = Math.max(0, queued - (this.counts.queued - this.#unseen))
    this.#countedAt = this.#latest
  }

  clear(): void {
    this.#tasks.clear()
    this.#stale.clear()
    this.#unseen = 0
    this.#countedAt = ''
    this.#latest = ''
  }

  /** Who comes into view later than as queued had waited unseen, if that was over only since those were counted. */
  #meet({ id, state, createdAt, startedAt, settledAt }: ContractTask): void {
    const leftQueueAt = startedAt ?? settledAt ?? ''
    const hadWaited = leftQueueAt === '' || leftQueueAt > this.#countedAt
    if (state !== 'queued' && hadWaited && !this.#tasks.has(id)) this.#unseen = Math.max(0, this.#unseen - 1)
    for (const at of [createdAt, leftQueueAt]) if (at > this.#latest) this.#latest = at
  }

  #forgetOldest(): void {
    const settled = this.all.filter(({ state }) => isTerminal(state))
    if (settled.length <= mostSettled) return
    const oldest = settled.reduce((a, b) => (a.id < b.id ? a : b))
    this.#tasks.delete(oldest.id)
  }
}

/** A task that is shown as it is. */
export function inView(task: ContractTask): TaskInView {
  const { id, kind, pool, state, createdAt, settledAt, error } = task
  const time = (at: string | null) => (at === null ? null : Date.parse(at))
  const seen = isTerminal(state)
    ? { ...seenAs(task), startedAt: time(task.startedAt), endedAt: time(settledAt) }
    : seenAs(task)
  return { id, kind, pool, state, createdAt, seen, complaint: error ? `${error.message} (${error.code})` : '' }
}

/** The same task after one more event; one of a kind that is not known changes nothing. */
export function after(task: TaskInView, event: ContractEvent): TaskInView {
  const seen = next(task.seen, event)
  const state = stateAfter(event.type) ?? task.state
  if (seen === task.seen && state === task.state) return task
  return { ...task, seen, state, complaint: isTerminal(state) && state !== 'succeeded' ? seen.phase : '' }
}
