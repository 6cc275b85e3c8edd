/**
 * What waits, due or not. All of it is counted; what comes next of it is here, the rest in the journal, which is asked
 * for more before it is needed.
 */
import { Awaiting, unknownYet } from './awaiting.ts'
import { Calendar, type Dated } from './calendar.ts'
import type { HeadSize, Look } from './head.ts'
import type { Lane } from './lane.ts'
import type { Lineup } from './lineup.ts'
import type { Waiting } from './waiting.ts'

/** What the journal is to be asked for: tasks of a lane, or the next of those that wait for a time. */
export type Shortage = { readonly look: Look<Waiting> } & ({ readonly lane: Lane } | { readonly dated: Dated })

export class Waiters {
  readonly #lineup: Lineup
  readonly #calendar: Calendar
  readonly #awaiting = new Awaiting()
  /** What is here. */
  readonly #waiting = new Map<string, Waiting>()
  /** When those here came back that had run before: nothing else tells when they were due. */
  readonly #backAt = new Map<string, number>()
  /** On their way to the disk: a look may find what was not added yet. */
  readonly #coming = new Set<string>()
  /** Taken out, while the journal may still say that they wait. */
  readonly #leaving = new Set<string>()

  constructor(lineup: Lineup, size: HeadSize) {
    this.#lineup = lineup
    this.#calendar = new Calendar(size)
  }

  get(id: string): Waiting | undefined {
    return this.#waiting.get(id)
  }

  /** Since when it is due, in milliseconds since 1970; undefined where that is not known. */
  dueAt({ id, notBefore, createdAt, attempt }: Waiting): number | undefined {
    const at = notBefore ?? (attempt === 0 ? createdAt : this.#backAt.get(id))
    return at === undefined ? undefined : Math.max(at, createdAt)
  }

  /** How many others it waits for, as far as that is known. */
  awaited(id: string): number {
    return this.#awaiting.leftOf(id)
  }

  /** A task of this id is being made durable, and will be added. */
  expect(id: string): void {
    this.#coming.add(id)
  }

  /** It was not made durable. */
  giveUp(id: string): void {
    this.#coming.delete(id)
  }

  /** One that is here already is replaced: its newest commit tells the truth. */
  add(task: Waiting, now: number): void {
    const known = this.#waiting.get(task.id)
    if (known) this.#takeOut(known)
    this.#coming.delete(task.id)
    this.#waiting.set(task.id, task)
    if (task.attempt > 0) this.#backAt.set(task.id, now)
    this.#lineup.enter(task)
    this.#awaiting.add(task)
    this.#calendar.addExpiry(task)
    if (task.notBefore !== null) this.stays(this.#calendar.addLater(task))
    else if (task.awaits.length === 0) this.stays(this.#lineup.lineUp(task))
  }

  /** Takes out a task that the journal said to wait until just now: cancelled, expired, or about to run. */
  remove(task: Waiting): void {
    if (this.#leaving.delete(task.id)) this.outdate(task)
    else this.#takeOut(this.#waiting.get(task.id) ?? task)
  }

  /** It does not wait any more by now, whatever a look into the journal says that is still on its way. */
  outdate(task: Waiting): void {
    this.#calendar.remove(task)
    this.#lineup.outdate(task)
  }

  /** Takes out one that is about to be removed from the journal as well. */
  expire(task: Waiting): void {
    this.#takeOut(this.#waiting.get(task.id) ?? task)
    this.#leaving.add(task.id)
  }

  /** It is about to run: it is no longer here, and counted until it does. */
  take(task: Waiting): void {
    this.#drop(task)
    this.#calendar.remove(task)
    this.#awaiting.remove(task)
  }

  await({ id, attempt }: Pick<Waiting, 'id' | 'attempt'>, awaits: readonly string[], now: number): boolean {
    const task = this.#waiting.get(id)
    if (!task || task.attempt !== attempt || task.awaits !== unknownYet) return false
    const isDue = awaits.length === 0
    this.add({ ...task, awaits, notBefore: isDue ? null : task.notBefore, isOnlyHere: isDue }, now)
    return true
  }

  settled(id: string, now: number): boolean {
    const waiter = this.#waiting.get(this.#awaiting.settled(id) ?? '')
    if (waiter) this.add({ ...waiter, awaits: [], notBefore: null, isOnlyHere: true }, now)
    return waiter !== undefined
  }

  /** Lines up what has become due. */
  advance(now: number): void {
    for (let task = this.#calendar.takeDue(now); task; task = this.#calendar.takeDue(now)) {
      this.#awaiting.remove(task)
      this.stays(this.#lineup.lineUp(task))
    }
  }

  hasDue(now: number): boolean {
    return this.#calendar.hasDue(now)
  }

  expired(now: number): Waiting | undefined {
    return this.#calendar.expired(now)
  }

  get nextAt(): number | undefined {
    return this.#calendar.nextAt
  }

  /** What to ask the journal for now; each is told once, and has to be filled. */
  takeShortages(): readonly Shortage[] {
    const lanes = this.#lineup.takeShort().map((lane) => ({ lane, look: lane.tasks.ask() }))
    const dated = this.#calendar.short.map((dated) => ({ dated, look: this.#calendar.ask(dated) }))
    return [...lanes, ...dated].filter((shortage): shortage is Shortage => shortage.look !== undefined)
  }

  /** Brings what was found; undefined when the look failed. `runs` tells of what has a slot, or will have one. */
  fill(shortage: Shortage, found: readonly Waiting[] | undefined, runs: (id: string) => boolean): void {
    const isElsewhere = (id: string) => this.#coming.has(id) || this.#leaving.has(id) || runs(id)
    // What waits for a time may have lined up meanwhile, and what lined up may wait for a time as far as the journal knows.
    const isHere = (id: string) => this.#waiting.has(id) || isElsewhere(id)
    if ('lane' in shortage) this.#remember(this.#lineup.fill(shortage.lane, found, isHere))
    else if (shortage.dated === 'later') this.#remember(this.#calendar.fill('later', found, isHere))
    else this.#calendar.fill('expiring', found, isElsewhere)
  }

  #takeOut(task: Waiting): void {
    this.take(task)
    this.#lineup.leave(task)
  }

  #remember(tasks: readonly Waiting[]): void {
    for (const task of tasks) this.#waiting.set(task.id, task)
  }

  /** Somebody else stays in the journal for one that came, or it does itself. */
  stays(task: Waiting | undefined): void {
    if (task) this.#drop(task)
  }

  #drop({ id }: Waiting): void {
    this.#waiting.delete(id)
    this.#backAt.delete(id)
  }
}
