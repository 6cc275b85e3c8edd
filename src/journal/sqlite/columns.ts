import type { Task } from '../../task/task.ts'
import { QUEUED_FIELDS, type QueuedTask } from '../journal.ts'

export type SqlValue = null | number | string | Uint8Array

type Encoding = 'plain' | 'flag' | 'json' | 'time'

/** The small fields of a task, in the order of its table: the row is rewritten with every event. */
const taskFields = {
  id: 'plain',
  tenant: 'plain',
  kind: 'plain',
  pool: 'plain',
  state: 'plain',
  attempt: 'plain',
  labels: 'json',
  priority: 'plain',
  concurrency: 'json',
  secrets: 'json',
  retry: 'json',
  limits: 'json',
  notBefore: 'time',
  expiresAt: 'time',
  front: 'flag',
  failures: 'plain',
  startFailures: 'plain',
  losses: 'plain',
  cancelRequested: 'flag',
  progress: 'json',
  outcome: 'plain',
  createdAt: 'time',
  startedAt: 'time',
  settledAt: 'time',
  lastSeq: 'plain',
  parent: 'plain',
  childKey: 'plain',
  depth: 'plain',
  retryOf: 'plain',
  debug: 'flag',
  awaits: 'json',
  cleaning: 'plain',
  cleanupFailures: 'plain',
  preemptions: 'plain',
  isolation: 'plain',
  node: 'plain',
} as const satisfies Partial<Record<keyof Task, Encoding>>

/** The fields that may be large, in a table of their own. */
const bodyFields = {
  input: 'json',
  checkpoint: 'json',
  result: 'json',
  error: 'json',
} as const satisfies Record<Exclude<keyof Task, keyof typeof taskFields>, Encoding>

const encodings: Readonly<Record<keyof Task, Encoding>> = { ...taskFields, ...bodyFields }

export const taskNames = Object.keys(taskFields) as readonly (keyof typeof taskFields)[]
export const bodyNames = Object.keys(bodyFields) as readonly (keyof typeof bodyFields)[]

export const taskColumns = taskNames.map(columnOf)
export const bodyColumns = bodyNames.map(columnOf)
export const queuedColumns = QUEUED_FIELDS.map(columnOf)

/** A row as an array: for tables as wide as this one three times as fast as an object. */
export type Row = readonly SqlValue[]

/** The columns that a whole task is read with; `task` and `body` are the tables. */
export const selection = [
  ...taskColumns.map((column) => `task.${column}`),
  ...bodyColumns.map((column) => `body.${column}`),
]

export const selectTask = `SELECT ${selection} FROM task JOIN body ON body.task = task.number`

const queuedDecoders = QUEUED_FIELDS.map((name) => [name, encodings[name]] as const)
const decoders = Object.entries(encodings)

export function columnOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

export function isBody(name: string): boolean {
  return name in bodyFields
}

export function encodeField(name: keyof Task, value: unknown): SqlValue {
  const encoding = encodings[name]
  if (encoding === 'json') return toJson(value)
  if (encoding === 'flag') return value ? 1 : 0
  // A wait that was computed may end between two milliseconds.
  if (encoding === 'time' && typeof value === 'number') return Math.ceil(value)
  return value as SqlValue
}

export function toJson(value: unknown): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value)
}

export function fromJson<T>(text: unknown): T | null {
  return typeof text === 'string' ? JSON.parse(text) : null
}

/** The task of a row that begins with `selection`. */
export function decodeTask(row: Row): Task {
  return decodeFields(decoders, row) as unknown as Task
}

/** What a row of `queuedColumns` says. */
export function decodeQueued(row: Row): QueuedTask {
  return decodeFields(queuedDecoders, row) as unknown as QueuedTask
}

function decodeFields(fields: readonly (readonly [string, Encoding])[], row: Row): Record<string, unknown> {
  const decoded: Record<string, unknown> = {}
  let index = 0
  for (const [name, encoding] of fields) decoded[name] = decodeField(encoding, row[index++])
  return decoded
}

function decodeField(encoding: Encoding, value: unknown): unknown {
  if (encoding === 'json') return fromJson(value)
  return encoding === 'flag' ? value === 1 : value
}
