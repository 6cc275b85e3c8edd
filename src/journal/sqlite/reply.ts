import type { Task, TaskEvent } from '../../task/task.ts'
import type { Conflict } from '../additions.ts'
import type { Obstacle } from './failures.ts'

/** What became of one operation. */
export type Result = Done | { readonly failed: string }

export type Done =
  | Landed
  | Earlier
  | Recorded
  | { readonly stale: true }
  | { readonly tooMany: true }
  | { readonly conflict: Conflict }
  | { readonly unknownUpload: string }

export interface Landed {
  readonly tenant: string
  readonly lastSeq: number
  readonly task?: Task
  /** What is to be said once it is durable, as base64; it does not leave the thread. */
  readonly cue?: string
  /** It was said. */
  readonly cued?: boolean
  /** Something was deleted that must not stay in the log. */
  readonly shred?: boolean
  /** Of others, which end for the task that was added. */
  readonly superseded?: readonly TaskEvent[]
}

/** The key of what was to be added belongs to this task. */
export interface Earlier {
  readonly earlier: Task
  readonly sameFingerprint: boolean
}

/** A change of something besides tasks was carried out, and what it answers. */
export interface Recorded {
  readonly recorded: unknown
}

/** What the writing thread says of a batch: a result for each operation that it got to, and what stopped it there. */
export interface Reply {
  readonly results: readonly Result[]
  readonly obstacle: Obstacle | null
}

/** What became of a new task, mostly. Nothing about it is news to who added it, so one answer serves all. */
export const added: Landed = { tenant: '', lastSeq: 1 }

/** A reply as it crosses: of a batch in which nothing but tasks was added, how many. */
export type CrossingReply = Reply | number

export function toCrossing(reply: Reply): CrossingReply {
  const { results, obstacle } = reply
  return obstacle === null && results.every((result) => result === added) ? results.length : reply
}

export function fromCrossing(reply: CrossingReply): Reply {
  return typeof reply === 'number' ? { results: new Array<Result>(reply).fill(added), obstacle: null } : reply
}
