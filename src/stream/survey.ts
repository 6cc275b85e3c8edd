import type { Journal, TaskQuery } from '../journal/journal.ts'
import { Refusal } from '../task/errors.ts'
import { isTerminal, stateAfter } from '../task/states.ts'
import type { Task } from '../task/task.ts'
import type { Hub, Published } from './hub.ts'

/**
 * One reader's view of all tasks of a tenant that fit a filter: first a snapshot of them, then what happens to them.
 *
 * - It listens to the hub before it first reads, and reads one thing at a time: the pages of the snapshot, newest first,
 *   then each task that may have come to fit. What is published of tasks that are not in view while it reads is held
 *   until the read is over; nothing else is ever held.
 * - A task is shown as it is, and from then on its events above its `lastSeq` are sent as they come: each once, in
 *   order, without a hole.
 * - It leaves the view with the event that ends it, or that brings it into another state than the filter's. That event
 *   is sent.
 *
 * There is no cursor and no replay. A reader that does not keep up is cut by its connection, and begins anew.
 */

export interface SurveyFilter extends Omit<TaskQuery, 'tenant' | 'before' | 'limit'> {}

export interface SurveySink {
  /** Resolves when there is room again, or never will be. */
  room(): Promise<void>
  event(message: Buffer): void
  /** Tasks that came into view; `more`: older ones fit too, and are not shown. */
  snapshot(tasks: readonly Task[], more: boolean): void
  /** The snapshot is complete; told once. */
  live(): void
  /** The survey is over. */
  failed(error: unknown): void
}

export interface Surveyed {
  readonly tenant: string
  readonly filter: SurveyFilter
  readonly hub: Hub
  readonly journal: Pick<Journal, 'task' | 'tasks'>
}

export interface SurveyBounds {
  readonly snapshotTasks: number
  /** Of the view, of what waits to be read, and of what is held while something is read. */
  readonly most: number
}

export const surveyBounds: SurveyBounds = { snapshotTasks: 1_000, most: 10_000 }

const pageTasks = 100

export class Survey {
  readonly #surveyed: Surveyed
  readonly #sink: SurveySink
  readonly #bounds: SurveyBounds
  readonly #stopListening: () => void
  /** The last `seq` sent of each unfinished task in view. */
  readonly #view = new Map<string, number>()
  /** Of these nothing is told: tasks that never will fit, as kind, pool and labels do not change, and tasks shown at their end. */
  readonly #ignored = new Set<string>()
  readonly #toRead = new Set<string>()
  #held: Published[] = []
  #isReading = false
  #isReadingOn = false
  /** Where the next page of the snapshot begins: older tasks are still to be read. */
  #before: string | undefined
  #isComplete = false
  #ended = false

  constructor(surveyed: Surveyed, sink: SurveySink, bounds: SurveyBounds = surveyBounds) {
    this.#surveyed = surveyed
    this.#sink = sink
    this.#bounds = bounds
    this.#stopListening = surveyed.hub.listenTo(surveyed.tenant, (published) => this.#receive(published))
    void this.#begin()
  }

  end(): void {
    this.#ended = true
    this.#stopListening()
  }

  #receive(published: Published): void {
    if (this.#ended) return
    const { task, seq, type } = published.event
    const known = this.#view.get(task)
    if (known !== undefined) {
      if (seq > known) this.#pass(published)
    } else if (this.#ignored.has(task)) {
      if (isEnd(type)) this.#ignored.delete(task)
    } else if (this.#isReading) {
      if (!this.#toRead.has(task)) this.#within(this.#held.push(published))
    } else if (this.#mayFit(published)) {
      this.#within(this.#toRead.add(task).size)
      void this.#readOn()
    }
  }

  #pass({ message, event: { task, seq, type } }: Published): void {
    const { state: wanted } = this.#surveyed.filter
    const state = stateAfter(type)
    const leaves = state !== undefined && (isTerminal(state) || (wanted !== undefined && state !== wanted))
    if (leaves) this.#view.delete(task)
    else this.#view.set(task, seq)
    this.#sink.event(message)
  }

  /** A task comes into view with what brings it into another state, and not while the snapshot is still to reach it. */
  #mayFit({ event: { task, type } }: Published): boolean {
    const state = stateAfter(type)
    if (state === undefined || (!this.#isComplete && (this.#before === undefined || task < this.#before))) return false
    const { state: wanted } = this.#surveyed.filter
    return wanted === undefined || state === wanted
  }

  async #begin(): Promise<void> {
    await this.#guarded(async () => {
      for (let shown = 0; !this.#isComplete && !this.#ended; ) shown += await this.#showPage(shown)
      if (!this.#ended) this.#sink.live()
    })
    await this.#readOn()
  }

  /** How many there were on it. */
  async #showPage(shown: number): Promise<number> {
    const { tenant, filter, journal } = this.#surveyed
    const limit = Math.min(pageTasks, this.#bounds.snapshotTasks - shown)
    const before = this.#before === undefined ? {} : { before: this.#before }
    return this.#read(
      () => journal.tasks({ tenant, ...filter, ...before, limit }),
      ({ tasks, more }) => {
        this.#before = tasks.at(-1)?.id ?? ''
        this.#isComplete = !more || shown + tasks.length >= this.#bounds.snapshotTasks
        if (tasks.length > 0) this.#show(tasks, more && this.#isComplete)
        return tasks.length
      },
    )
  }

  async #readOn(): Promise<void> {
    if (this.#isReadingOn || !this.#isComplete) return
    this.#isReadingOn = true
    await this.#guarded(async () => {
      for (const id of this.#toRead) {
        if (this.#ended) return
        await this.#readTask(id)
      }
    })
    this.#isReadingOn = false
  }

  #readTask(id: string): Promise<void> {
    const { tenant, filter, journal } = this.#surveyed
    return this.#read(
      () => {
        // From here on what is published of it may be newer than what is read.
        this.#toRead.delete(id)
        return journal.task(tenant, id)
      },
      (task) => {
        if (!task) return
        if (!couldFit(task, filter)) this.#ignore(id)
        else if (filter.state === undefined || filter.state === task.state) this.#show([task], false)
      },
    )
  }

  /** What is published of tasks not in view while it lasts is looked at when what was read has its place. */
  async #read<T, R>(ask: () => Promise<T>, place: (found: T) => R): Promise<R> {
    await this.#sink.room()
    this.#isReading = true
    const found = await ask()
    const placed = this.#ended ? (undefined as R) : place(found)
    this.#isReading = false
    for (const published of this.#held.splice(0)) this.#receive(published)
    return placed
  }

  #show(tasks: readonly Task[], more: boolean): void {
    for (const { id, state, lastSeq } of tasks) {
      if (isTerminal(state)) this.#ignore(id)
      else this.#within(this.#view.set(id, lastSeq).size)
    }
    this.#sink.snapshot(tasks, more)
  }

  /** Not asked for again, as long as there are not too many of them. */
  #ignore(id: string): void {
    if (this.#ignored.size >= this.#bounds.most) this.#ignored.clear()
    this.#ignored.add(id)
  }

  #within(count: number): void {
    if (count <= this.#bounds.most) return
    this.#fail(new Refusal('TOO_MANY', `more than ${this.#bounds.most} unfinished tasks: narrow the filter`))
  }

  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      this.#fail(error)
    }
  }

  #fail(error: unknown): void {
    if (this.#ended) return
    this.end()
    this.#sink.failed(error)
  }
}

function couldFit(task: Task, { kind, pool, label }: SurveyFilter): boolean {
  return (
    (kind === undefined || task.kind === kind) &&
    (pool === undefined || task.pool === pool) &&
    (label === undefined || (Object.hasOwn(task.labels, label.name) && task.labels[label.name] === label.value))
  )
}

function isEnd(event: string): boolean {
  const state = stateAfter(event)
  return state !== undefined && isTerminal(state)
}
