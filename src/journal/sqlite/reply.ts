import type { Task } from '../../task/task.ts'

/** What became of one operation. */
export type Result = Done | { readonly failed: string }

export type Done = Landed | Earlier | { readonly stale: true }

export interface Landed {
  readonly tenant: string
  readonly lastSeq: number
  readonly task?: Task
}

/** The key of what was to be added belongs to this task. */
export interface Earlier {
  readonly earlier: Task
  readonly sameFingerprint: boolean
}

/** What the writing thread says of a batch: a result for each operation that it got to, and whether the disk was full then. */
export interface Reply {
  readonly results: readonly Result[]
  readonly full: boolean
}
