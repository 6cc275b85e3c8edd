import { fileMiBOf, filesInMemoryMiB, wholeLimits } from '../task/limits.ts'
import type { Concurrency, Limits, Pool, Task } from '../task/task.ts'

/** What of a task it is made from. */
type Source =
  | Exclude<keyof Waiting, keyof Frame | 'awaits' | 'hasBegun' | 'isCleanup' | 'isOnlyHere'>
  | 'limits'
  | 'startedAt'
  | 'cleaning'

/** Limits that are fixed when its worker is born. */
interface Frame {
  /** What it may take of the memory: its processes, and its files where those are in memory. */
  readonly memoryMiB: number
  /** Of that, its files: 0 where they are on disk. */
  readonly filesInMemoryMiB: number
  readonly workspaceMiB: number
  readonly fileMiB: number
  readonly openFiles: number
  readonly processes: number
}

/** What the board keeps of a queued task: enough to decide, small enough to hold a hundred thousand. */
export interface Waiting extends Frame {
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
  /** Tasks that it waits for: it is due when the last of them has settled, or at `notBefore`, whichever comes first. */
  readonly awaits: readonly string[]
  /** It ran before, so there may be something to clean up. */
  readonly hasBegun: boolean
  /** Attempts that were ended for another task. */
  readonly preemptions: number
  /** What waits is its cleanup: its outcome is decided. */
  readonly isCleanup: boolean
  /** It is due, or is not, for a reason that the journal does not know: it cannot be left to it. */
  readonly isOnlyHere: boolean
}

/** The same task when its outcome is decided, and its cleanup is what waits. */
export function cleaningOf(task: Waiting): Waiting {
  return { ...task, notBefore: null, awaits: [], expiresAt: null, front: true, isCleanup: true }
}

/** Of limits that belong to many tasks, those of a kind, the same as before. */
const frames = new WeakMap<Limits, Frame>()

function frameOf(limits: Limits): Frame {
  const known = frames.get(limits)
  if (known) return known
  const frame = frameFor(limits)
  if (Object.isFrozen(limits)) frames.set(limits, frame)
  return frame
}

function frameFor(limits: Limits): Frame {
  const whole = wholeLimits(limits)
  const { workspaceMiB, openFiles, processes } = whole
  const inMemoryMiB = filesInMemoryMiB(whole)
  const memoryMiB = whole.memoryMiB + inMemoryMiB
  return { memoryMiB, filesInMemoryMiB: inMemoryMiB, workspaceMiB, fileMiB: fileMiBOf(whole), openFiles, processes }
}

export function waitingOf(task: Pick<Task, Source>, awaits: readonly string[] = []): Waiting {
  const frame = frameOf(task.limits)
  return {
    id: task.id,
    tenant: task.tenant,
    kind: task.kind,
    pool: task.pool,
    attempt: task.attempt,
    concurrency: task.concurrency,
    priority: task.priority,
    notBefore: task.notBefore,
    expiresAt: task.cleaning ? null : task.expiresAt,
    front: task.front,
    createdAt: task.createdAt,
    // By their names: all at once would cost a submission several times as much.
    memoryMiB: frame.memoryMiB,
    filesInMemoryMiB: frame.filesInMemoryMiB,
    workspaceMiB: frame.workspaceMiB,
    fileMiB: frame.fileMiB,
    openFiles: frame.openFiles,
    processes: frame.processes,
    awaits,
    hasBegun: task.startedAt !== null,
    preemptions: task.preemptions,
    isCleanup: task.cleaning !== null,
    isOnlyHere: false,
  }
}
