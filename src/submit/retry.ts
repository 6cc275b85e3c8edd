import type { TaskRequest } from '../contract/request.ts'
import { isOneTime } from '../secrets/one-time.ts'
import { Refusal } from '../task/errors.ts'
import { isTerminal } from '../task/states.ts'
import type { Task } from '../task/task.ts'

/** The request that asks for what this ended task was asked for; only times that are over are left out. */
export function requestAgain(task: Task): TaskRequest {
  if (!isTerminal(task.state)) {
    throw new Refusal('CONFLICT', `this task has not ended yet, it is ${task.state}: cancel it, or wait for its end`)
  }
  const { kind, input, pool, priority, concurrency, secrets, retry, limits, labels } = task
  const gone = Object.keys(secrets).filter((name) => isOneTime(secrets[name] ?? ''))
  if (gone.length > 0) {
    const message = `the secrets ${gone.join(', ')} came with this task and were deleted at its end: submit it anew, with them`
    throw new Refusal('CONFLICT', message)
  }
  return {
    kind,
    input,
    pool,
    priority,
    secrets,
    retry,
    limits: said(limits),
    labels,
    ...(concurrency && { concurrency }),
  }
}

/** Those that are open are left to what holds now. */
function said({ cpuSeconds, fileMiB, workspace: _, ...limits }: Task['limits']): NonNullable<TaskRequest['limits']> {
  return { ...limits, ...(cpuSeconds && { cpuSeconds }), ...(fileMiB && { fileMiB }) }
}
