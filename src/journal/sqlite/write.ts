import type { NewEvent, TaskEvent } from '../../task/task.ts'
import type { Crossing } from './operation.ts'
import type { Done, Result } from './reply.ts'

/** A write on its way to the disk, and who waits for it. */
export interface Write {
  readonly operation: Crossing
  readonly bytes: number
  /** Refused while the disk is full, instead of held. */
  readonly canWait: boolean
  /** Shares the commit of a later write, if one comes soon. */
  readonly canLinger: boolean
  /** Belongs into the same commit as the write before it, however large that becomes. */
  readonly withPrevious?: boolean
  readonly task: string
  /** Known beforehand only for a task that is being added. */
  readonly tenant: string | undefined
  readonly events: readonly NewEvent[]
  readonly resolve: (done: Done) => void
  readonly reject: (error: Error) => void
}

/** Adds the events of a write as they stand in the log now, with those of tasks that it has end. */
export function addCommitted(all: TaskEvent[], write: Write, result: Result): void {
  if (!('lastSeq' in result)) return
  const { task, events } = write
  const tenant = write.tenant ?? result.tenant
  let seq = result.lastSeq - events.length
  for (const { type, at, attempt, data } of events) {
    seq += 1
    all.push({ task, tenant, seq, type, at, attempt, data })
  }
  if (result.superseded) all.push(...result.superseded)
}

export function answer(write: Write, result: Result): void {
  if ('failed' in result) write.reject(new Error(result.failed))
  else write.resolve(result)
}
