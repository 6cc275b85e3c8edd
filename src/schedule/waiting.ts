import type { Concurrency, Pool, Task } from '../task/task.ts'

/** What of a task it is made from. */
type Source = Exclude<keyof Waiting, 'memoryMiB' | 'workspaceMiB'> | 'limits'

/** What the board keeps of a queued task: enough to decide, small enough to hold a hundred thousand. */
export interface Waiting {
  readonly id: string
  readonly tenant: string
  readonly kind: string
  readonly pool: Pool
  readonly attempt: number
  readonly concurrency: Concurrency | null
  readonly priority: number
  readonly notBefore: number | null
  readonly expiresAt: number | null
  readonly front: boolean
  readonly createdAt: number
  readonly memoryMiB: number
  readonly workspaceMiB: number
}

export function waitingOf(task: Pick<Task, Source>): Waiting {
  return {
    id: task.id,
    tenant: task.tenant,
    kind: task.kind,
    pool: task.pool,
    attempt: task.attempt,
    concurrency: task.concurrency,
    priority: task.priority,
    notBefore: task.notBefore,
    expiresAt: task.expiresAt,
    front: task.front,
    createdAt: task.createdAt,
    memoryMiB: task.limits.memoryMiB,
    workspaceMiB: task.limits.workspaceMiB,
  }
}
