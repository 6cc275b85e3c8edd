import type { Artifact } from '../../task/artifact.ts'
import { type OnConflict, supersededBy } from '../../task/conflict.ts'
import type { State } from '../../task/states.ts'
import type { NewEvent, Task } from '../../task/task.ts'
import type { Once } from '../additions.ts'
import type { ClosedAttempt, NewAttempt } from '../attempts.ts'
import type { ChildFence } from '../families.ts'
import type { Move } from '../journal.ts'
import { dayOf, secondsOfDay } from '../process-time.ts'
import type { Decided } from '../schedules.ts'
import { columnOf, encodeField, isBody, type SqlValue, toJson } from './columns.ts'
import { bodyRow, eventRow, taskRow } from './rows.ts'
import type { ChangeName } from './thread/records.ts'

/**
 * What crosses to the writing thread. Copying it is the cost of a write here: rows of plain values cross for half of what
 * text does that has to be written and read, and that for a fraction of what objects do.
 */
export type Crossing = NewRows | OperationText

/** The rows of a new task, ready for SQL, and what its addition depends on as JSON; null for nothing, as mostly. */
export type NewRows = readonly [
  task: readonly SqlValue[],
  body: readonly SqlValue[],
  event: EventRow,
  conditions: string | null,
]

/** An Operation as JSON. */
export type OperationText = string

export type Operation = MoveOperation | RecordOperation | StoppingOperation | ShredOperation

/** What an addition depends on. */
export interface Conditions {
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
  /** The answer is to have the task as it is then. */
  readonly brings: boolean
  readonly closes: readonly SqlValue[] | null
  /** What the attempt that it closes counts against the tenant's day. */
  readonly spent: Spent | null
  readonly artifacts: readonly (readonly SqlValue[])[]
  /** What is to be said once it is durable, as base64. */
  readonly cue?: string
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

export function newRows(task: Task, queued: NewEvent, asked: Asked = {}): NewRows {
  const conditions = conditionsOf(asked, conflictOf(task, queued.at))
  return [taskRow(task), bodyRow(task), eventRow(queued), conditions && JSON.stringify(conditions)]
}

/** So many characters as its text has. */
export function sizeOf([task, body, event, conditions]: NewRows): number {
  let size = conditions?.length ?? 0
  for (const row of [task, body, event]) for (const value of row) size += typeof value === 'string' ? value.length : 8
  return size
}

type Asked = { readonly [C in Exclude<keyof Conditions, 'conflict'>]?: Conditions[C] | undefined }

function conditionsOf(
  { once = null, child = null, uploads = [], secrets = [], decided = null }: Asked,
  conflict: ConflictNow | null,
): Conditions | null {
  const isAny = once || child || decided || conflict || uploads.length > 0 || secrets.length > 0
  return isAny ? { once, child, uploads, secrets, decided, conflict } : null
}

/** Of one key, in one commit: whoever has more queued than that cancels them first. */
const mostSuperseded = 1_000

function conflictOf({ id, tenant, concurrency, parent }: Task, at: number): ConflictNow | null {
  if (concurrency === null) return null
  const { key, limit, onConflict: on = 'queue' } = concurrency
  if (on === 'queue') return null
  return { tenant, key, limit, on, most: mostSuperseded, except: parent, at, reason: supersededBy(id) }
}

export function moveOperation(move: Move): MoveOperation {
  const { change, events } = move
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
    brings: move.opens !== undefined && move.known === undefined,
    closes: move.closes ? closedRow(move.closes) : null,
    spent: move.closes ? spentOf(move.closes) : null,
    artifacts: (move.artifacts ?? []).map(artifactRow),
    ...(move.cue && { cue: Buffer.from(move.cue.bytes).toString('base64') }),
    checkpointed: (change.checkpoint ?? null) !== null || events.some(({ type }) => type === 'task.checkpoint'),
  }
}

function assignments(change: Move['change'], wanted: (name: string) => boolean): Assignments {
  const names = (Object.keys(change) as (keyof typeof change)[]).filter(
    (name) => change[name] !== undefined && wanted(name),
  )
  return { columns: names.map(columnOf), values: names.map((name) => encodeField(name, change[name])) }
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
