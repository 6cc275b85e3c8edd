import type { Artifact } from '../../task/artifact.ts'
import { type OnConflict, supersededBy } from '../../task/conflict.ts'
import type { State } from '../../task/states.ts'
import type { NewEvent, Task } from '../../task/task.ts'
import type { ChildFence } from '../families.ts'
import type { ClosedAttempt, Move, NewAttempt, Once } from '../journal.ts'
import { dayOf, secondsOfDay } from '../process-time.ts'
import type { Decided } from '../schedules.ts'
import { bodyNames, columnOf, encodeField, isBody, type SqlValue, taskNames, toJson } from './columns.ts'
import type { ChangeName } from './thread/records.ts'

/** What crosses to the writing thread, as JSON: flat and ready for SQL, since copying it is the cost of a write here. */
export type Operation = AddOperation | MoveOperation | RecordOperation | StoppingOperation | ShredOperation

export interface AddOperation {
  readonly do: 'add'
  readonly task: readonly SqlValue[]
  readonly body: readonly SqlValue[]
  readonly event: EventRow
  readonly once: OnceNow | null
  /** Uploads that the task refers to. */
  readonly uploads: readonly string[]
  readonly secrets: readonly OneTimeRow[]
  readonly child: ChildPlace | null
  /** The tick of a schedule that it is for. */
  readonly decided: Decided | null
  readonly conflict: ConflictNow | null
}

/** Name, data key, and bytes as base64. */
export type OneTimeRow = readonly [name: string, key: number, sealed: string]

/** What the task does to those of its concurrency key. */
export interface ConflictNow {
  readonly tenant: string
  readonly key: string
  readonly limit: number
  readonly on: Exclude<OnConflict, 'queue'>
  /** How many may end for it. */
  readonly most: number
  /** Its parent is spared. */
  readonly except: string | null
  readonly at: number
  readonly reason: string
}

/** Whose child is to be added, and under which key. */
export interface ChildPlace extends ChildFence {
  readonly parent: string
  readonly key: string
}

/** What an addition depends on. */
export type Conditions = Partial<Pick<AddOperation, 'once' | 'child' | 'uploads' | 'secrets' | 'decided'>>

/** What is to be added once, whose it is, and when its key must be free. */
export interface OnceNow extends Once {
  readonly tenant: string
  readonly now: number
}

export interface MoveOperation {
  readonly do: 'move'
  readonly id: string
  readonly from: readonly State[]
  readonly attempt: number
  readonly state: State | null
  readonly task: Assignments
  readonly body: Assignments
  readonly events: readonly EventRow[]
  readonly opens: readonly SqlValue[] | null
  readonly closes: readonly SqlValue[] | null
  /** What the attempt that it closes counts against the tenant's day. */
  readonly spent: Spent | null
  readonly artifacts: readonly (readonly SqlValue[])[]
  /** The attempt saves a checkpoint with this move. */
  readonly checkpointed: boolean
}

/** Process time of a day, counted from 1970-01-01. */
export interface Spent {
  readonly day: number
  readonly seconds: number
}

/** A change of something besides tasks, by its name in `thread/records.ts`. */
export interface RecordOperation {
  readonly do: 'record'
  readonly change: ChangeName
  /** What JSON can hold: bytes cross as base64. */
  readonly args: readonly unknown[]
}

export interface StoppingOperation {
  readonly do: 'stopping'
  readonly at: number
}

/** What was deleted is not to stay in the log. */
export interface ShredOperation {
  readonly do: 'shred'
}

/** Type, time, attempt and data. */
export type EventRow = readonly [type: string, at: number, attempt: number, data: string]

export interface Assignments {
  readonly columns: readonly string[]
  readonly values: readonly SqlValue[]
}

export function addOperation(
  task: Task,
  queued: NewEvent,
  { once = null, child = null, uploads = [], secrets = [], decided = null }: Conditions = {},
): AddOperation {
  return {
    do: 'add',
    task: taskNames.map((name) => encodeField(name, name === 'lastSeq' ? 1 : task[name])),
    body: bodyNames.map((name) => encodeField(name, task[name])),
    event: eventRow(queued),
    once,
    child,
    uploads,
    secrets,
    decided,
    conflict: conflictOf(task, queued.at),
  }
}

/** Of one key, in one commit: whoever has more queued than that cancels them first. */
const mostSuperseded = 1_000

function conflictOf({ id, tenant, concurrency, parent }: Task, at: number): ConflictNow | null {
  const { key, limit, onConflict: on = 'queue' } = concurrency ?? { key: '', limit: 0 }
  if (on === 'queue') return null
  return { tenant, key, limit, on, most: mostSuperseded, except: parent, at, reason: supersededBy(id) }
}

export function moveOperation(move: Move): MoveOperation {
  const { change, events } = move
  if (change.state === 'starting' && !move.opens) throw new Error('A move to starting must open an attempt.')
  return {
    do: 'move',
    id: move.task,
    from: move.from,
    attempt: move.attempt,
    state: change.state ?? null,
    task: assignments(change, (name) => !isBody(name)),
    body: assignments(change, isBody),
    events: events.map(eventRow),
    opens: move.opens ? openedRow(move.opens) : null,
    closes: move.closes ? closedRow(move.closes) : null,
    spent: move.closes ? spentOf(move.closes) : null,
    artifacts: (move.artifacts ?? []).map(artifactRow),
    checkpointed: (change.checkpoint ?? null) !== null || events.some(({ type }) => type === 'task.checkpoint'),
  }
}

function assignments(change: Move['change'], wanted: (name: string) => boolean): Assignments {
  const names = (Object.keys(change) as (keyof typeof change)[]).filter(
    (name) => change[name] !== undefined && wanted(name),
  )
  return { columns: names.map(columnOf), values: names.map((name) => encodeField(name, change[name])) }
}

function eventRow({ type, at, attempt, data }: NewEvent): EventRow {
  return [type, at, attempt, JSON.stringify(data)]
}

function openedRow({ worker, isolation, process, at, moduleHash, waited = null }: NewAttempt): SqlValue[] {
  const { pid = null, startTicks = null, bootId = null } = process ?? {}
  return [worker, isolation, pid, startTicks, bootId, at, moduleHash, waited && JSON.stringify(waited)]
}

function closedRow({ at, outcome, error, usage }: ClosedAttempt): SqlValue[] {
  return [at, outcome, toJson(error), toJson(usage)]
}

function spentOf({ at, processSeconds = 0 }: ClosedAttempt): Spent | null {
  return processSeconds > 0 ? { day: dayOf(at), seconds: secondsOfDay(at, processSeconds) } : null
}

function artifactRow({ name, file, bytes, sha256, contentType, at }: Artifact): SqlValue[] {
  return [name, file, bytes, sha256, contentType, at]
}
