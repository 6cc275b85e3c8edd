/**
 * The rows of a new task. Each field is read by its name: a loop over names costs a submission several times as much,
 * since no two turns of it read the same.
 */
import type { NewEvent, Task } from '../../task/task.ts'
import { encodeField, type SqlValue, toJson } from './columns.ts'
import type { EventRow } from './operation.ts'

/** In the order of `taskNames`. */
export function taskRow(task: Task): readonly SqlValue[] {
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
    // The event that comes with it.
    1,
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

/** In the order of `bodyNames`. */
export function bodyRow({ input, checkpoint, result, error }: Task): readonly SqlValue[] {
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
