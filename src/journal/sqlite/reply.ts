import type { Task } from '../../task/task.ts'

/** What became of one operation. */
export type Result = Landed | { readonly stale: true } | { readonly failed: string }

export interface Landed {
  readonly tenant: string
  readonly lastSeq: number
  readonly task?: Task
}

/** What the writing thread says of a batch: a result for each operation that it got to, and whether the disk was full then. */
export interface Reply {
  readonly results: readonly Result[]
  readonly full: boolean
}
