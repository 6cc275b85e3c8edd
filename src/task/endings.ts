import type { TaskError } from './errors.ts'
import type { Json, JsonObject } from './json.ts'
import type { Awaits } from './task.ts'

/** How an attempt came out, as clients see it. */
export const OUTCOMES = [
  'succeeded',
  'failed',
  'abandoned',
  'crashed',
  'timed_out',
  'stopped',
  'not_started',
  'cancelled',
  'preempted',
  'interrupted',
  'suspended',
] as const

export type Outcome = (typeof OUTCOMES)[number]

/** A limit that ends an attempt, with the sentence that names the figure reached. */
export type Limited = {
  readonly cause: (typeof LIMIT_CAUSES)[number]
  readonly message: string
  /** The same for programs: which limit, the figure, what was allowed; and what was seen of a silent one. */
  readonly details: JsonObject
}

export const LIMIT_CAUSES = [
  'run_time',
  'silence',
  'cpu',
  'memory',
  'output',
  'disk',
  'directory',
  'file_size',
  'open_files',
  'processes',
] as const

/**
 * Why an attempt ends: one reason, set once. Every watcher proposes its own, the first wins, and all that follows is
 * derived from it.
 */
export type Ending =
  | { readonly cause: 'result'; readonly result: Json }
  | { readonly cause: 'error'; readonly error: TaskError }
  /** The process or its report channel ended without a RESULT; the exit tells the rest. */
  | { readonly cause: 'exit' }
  | { readonly cause: 'broken_frame'; readonly message: string }
  | Limited
  | { readonly cause: 'not_started'; readonly message: string }
  /** The standby that it was given had ended before it was told anything. */
  | { readonly cause: 'standby_lost' }
  /** Another attempt may have it, where it is retryable. */
  | { readonly cause: 'secret'; readonly message: string; readonly retryable: boolean }
  | { readonly cause: 'cancel'; readonly reason: string | null }
  | { readonly cause: 'preempt'; readonly reason: string }
  /** The orchestrator stops gracefully and hands the task back. */
  | { readonly cause: 'stop' }
  /** An earlier orchestrator died with this attempt; `explained` when something other than the task may be to blame. */
  | { readonly cause: 'lost'; readonly explained: boolean }
  /** Until a time, until its children have settled, or whichever comes first. */
  | { readonly cause: 'suspend'; readonly resumeAt: number | null; readonly awaits: Awaits | null }

export interface Exit {
  readonly code: number | null
  readonly signal: string | null
}

/** What an attempt cost. */
export interface Usage {
  readonly wallSeconds: number
  /** Of its whole tree, as far as it was seen. */
  readonly cpuSeconds: number
  readonly peakRssMiB: number
  /** What it had written to disks. */
  readonly writtenMiB: number
  /** What it printed and reported. */
  readonly outputMiB: number
  /** Processes at once, its worker among them, as far as somebody looked in time. */
  readonly peakProcesses: number
}
