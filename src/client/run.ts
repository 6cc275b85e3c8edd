import type { ContractEvent } from '../contract/event.ts'
import type { TaskRequest } from '../contract/request.ts'
import type { ContractTask } from '../contract/task.ts'
import type { Json } from '../task/json.ts'
import { TaskError } from './errors.ts'
import { persistently } from './losses.ts'
import type { OneTimeValues } from './one-time.ts'
import type { Rest } from './rest.ts'
import { Tasks } from './tasks.ts'
import { type WatchOptions, watch } from './watch.ts'

export interface RunOptions extends Omit<WatchOptions, 'after'> {
  readonly idempotencyKey?: string | undefined
  /** Secrets for this task alone, sent sealed and deleted at its end. */
  readonly oneTime?: OneTimeValues | undefined
  /** What an abort means for the task: `cancel` when left out. */
  readonly onAbort?: 'cancel' | 'leave' | undefined
  readonly onTask?: ((task: ContractTask) => void) | undefined
  readonly onEvent?: ((event: ContractEvent) => void) | undefined
}

/** Submits, follows, and resolves with the result. Throws TaskError when the task ends otherwise, and an abort's reason. */
export async function run(
  rest: Rest,
  request: TaskRequest,
  { idempotencyKey, oneTime, onAbort = 'cancel', onTask, onEvent, ...how }: RunOptions,
): Promise<Json> {
  how.signal?.throwIfAborted()
  const tasks = new Tasks(rest)
  // Not with the signal: a submission that was given up may have been accepted, and then nobody knows its id.
  const { id } = await tasks.submit(request, { idempotencyKey, oneTime }).then((task) => {
    onTask?.(task)
    return task
  })
  try {
    for await (const event of watch(rest, id, how)) onEvent?.(event)
    const task = await persistently(rest, how, () => tasks.get(id, { signal: how.signal }))
    if (task.state === 'succeeded') return task.result
    throw new TaskError(task)
  } catch (error) {
    // A task that has ended meanwhile needs no cancelling, and what the caller is told is its own abort.
    if (how.signal?.aborted && onAbort === 'cancel') await tasks.cancel(id).catch(() => {})
    throw error
  }
}
