/**
 * The rows of a new task. Each field is read by its name: a loop over names costs a submission several times as much,
 * since no two turns of it read the same.
 */
import type { NewEvent, Task } from '../../task/task.ts'
import { encodeField, type SqlValue, toJson } from './columns.ts'
import type { EventRow } from './operation.ts'

/** What a task brings along that is new and asks for nothing special, as most do; the rest is the same for all of them. */
export const plainNames = [
  'id',
  'tenant',
  'kind',
  'pool',
  'labels',
  'priority',
  'secrets',
  'retry',
  'limits',
  'notBefore',
  'createdAt',
] as const satisfies readonly (keyof Task)[]

/** The rest, where it is not null. */
export const plainRest = {
  state: 'queued',
  attempt: 0,
  front: false,
  failures: 0,
  startFailures: 0,
  losses: 0,
  cancelRequested: false,
  // The event that comes with it.
  lastSeq: 1,
  depth: 0,
  debug: false,
  cleanupFailures: 0,
  preemptions: 0,
} as const satisfies Partial<Task>

/** In the order of `plainNames`, or for any other task of `taskNames`: fewer values cost less on the way and in the end. */
export function taskRow(task: Task): readonly SqlValue[] {
  return isPlain(task) ? plainRow(task) : wholeRow(task)
}

function isPlain(task: Task): boolean {
  return (
    task.state === plainRest.state &&
    task.attempt === 0 &&
    task.concurrency === null &&
    task.expiresAt === null &&
    !task.front &&
    task.failures === 0 &&
    task.startFailures === 0 &&
    task.losses === 0 &&
    !task.cancelRequested &&
    task.progress === null &&
    task.outcome === null &&
    task.startedAt === null &&
    task.settledAt === null &&
    task.parent === null &&
    task.childKey === null &&
    task.depth === 0 &&
    task.retryOf === null &&
    !task.debug &&
    task.awaits === null &&
    task.cleaning === null &&
    task.cleanupFailures === 0 &&
    task.preemptions === 0 &&
    task.isolation === null &&
    task.node === null
  )
}

function plainRow(task: Task): readonly SqlValue[] {
  return [
    task.id,
    task.tenant,
    task.kind,
    task.pool,
    sharedText(task.labels),
    task.priority,
    sharedText(task.secrets),
    sharedText(task.retry),
    sharedText(task.limits),
    encodeField('notBefore', task.notBefore),
    encodeField('createdAt', task.createdAt),
  ]
}

function wholeRow(task: Task): readonly SqlValue[] {
  return [
    task.id,
    task.tenant,
    task.kind,
    task.pool,
    task.state,
    task.attempt,
    sharedText(task.labels),
    task.priority,
    task.concurrency === null ? null : toJson(task.concurrency),
    sharedText(task.secrets),
    sharedText(task.retry),
    sharedText(task.limits),
    encodeField('notBefore', task.notBefore),
    encodeField('expiresAt', task.expiresAt),
    task.front ? 1 : 0,
    task.failures,
    task.startFailures,
    task.losses,
    task.cancelRequested ? 1 : 0,
    toJson(task.progress),
    task.outcome,
    encodeField('createdAt', task.createdAt),
    encodeField('startedAt', task.startedAt),
    encodeField('settledAt', task.settledAt),
    plainRest.lastSeq,
    task.parent,
    task.childKey,
    task.depth,
    task.retryOf,
    task.debug ? 1 : 0,
    toJson(task.awaits),
    task.cleaning,
    task.cleanupFailures,
    task.preemptions,
    task.isolation,
    task.node,
  ]
}

/** In the order of `bodyNames`, up to what is not null. */
export function bodyRow({ input, checkpoint, result, error }: Task): readonly SqlValue[] {
  if (checkpoint === null && result === null && error === null) return [toJson(input)]
  return [toJson(input), toJson(checkpoint), toJson(result), toJson(error)]
}

export function eventRow({ type, at, attempt, data }: NewEvent): EventRow {
  return [type, at, attempt, JSON.stringify(data)]
}

/** Of what never changes, the same text as before. */
const texts = new WeakMap<object, string>()

/** What is frozen belongs to many tasks: the limits of a kind, or no labels. */
function sharedText(value: object): string {
  const known = texts.get(value)
  if (known !== undefined) return known
  const text = JSON.stringify(value)
  if (Object.isFrozen(value)) texts.set(value, text)
  return text
}
