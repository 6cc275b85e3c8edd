import type { RefusalCode, TaskError } from '../task/errors.ts'
import type { Json, JsonObject } from '../task/json.ts'
import type { Awaits } from '../task/task.ts'

/** What the frames carry, as JSON. */

/** START: everything a worker needs to know of its one task; nothing where KIND has said it. */
export interface Start {
  readonly task: string
  readonly tenant: string
  readonly kind: string
  readonly attempt: number
  /** Path of the module whose default export is the kind's definition. */
  readonly module: string
  /** What is in it, for a worker that KIND has told nothing. */
  readonly text?: string | undefined
  readonly input: Json
  readonly checkpoint: Json
  readonly debug: boolean
  /** The kind's cleanup is to be run, not the task itself; and why the task has ended. */
  readonly cleanup?: { readonly error: TaskError | null }
  /** Where its kept directory is, or is to be made. */
  readonly kept: string
  /** The directory of its tenant that its kind names, null where it names none. */
  readonly directory: string | null
  /** Paths of the uploads that its input refers to, by their ids. */
  readonly uploads: Readonly<Record<string, string>>
}

/** KIND: what a worker that stands by can get ready for while the claim of its task is on the way to the disk. */
export interface KindFrame {
  /** Path of the module whose default export is the kind's definition. */
  readonly module: string
  /** The ECMAScript module that is in it, as JavaScript, where that is known: to find and read it takes longer than all else. */
  readonly text?: string | undefined
  /** What START will say, where it is known: a START that says nothing means this. */
  readonly start?: Start | undefined
}

/** What an ECMAScript module said when its kind was read. */
export interface ModuleText {
  /** SHA-256 in hex of its file. */
  readonly hash: string
  /** As JavaScript: where types were is blank, so every line and column is where it was. */
  readonly source: string
}

/** REHEARSE: what a worker that stands by has the time for, as if it were its task, unheard. */
export interface RehearseFrame {
  /** Like those of tasks, one after the other. */
  readonly kinds: readonly KindFrame[]
}

/** Why a task is asked to end; `signal.reason.kind` in the task. */
export interface Ask {
  readonly kind: 'cancelled' | 'preempted' | 'deadline'
  readonly message: string
}

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly message: string
  readonly fields?: JsonObject
}

/** CHECKPOINT: answered by ACK with the same number once it is durable. */
export interface CheckpointFrame {
  readonly number: number
  readonly value: Json
}

export interface AckFrame {
  readonly number: number
}

/** SUSPEND: the process ends, the task resumes at this time (milliseconds since 1970, UTC) or when its children have settled. */
export interface SuspendFrame {
  readonly resumeAt: number | null
  readonly awaits: Awaits | null
  readonly checkpoint: Json
}

/** SUBMIT: a child task; the request has the contract's shape. Answered with its id. */
export interface SubmitFrame {
  readonly number: number
  readonly key: string
  readonly request: unknown
}

/** CHILDREN: asks for the children with keys above this one, a page at a time. */
export interface ChildrenFrame {
  readonly number: number
  readonly after: string
}

/** ANSWER to the SUBMIT, CHILDREN or STORE of this number: what was asked for, or why not. */
export type AnswerFrame = { readonly number: number } & (
  | { readonly value: unknown }
  | { readonly refusal: { readonly code: RefusalCode; readonly message: string; readonly retryAfterSeconds?: number } }
)

/** BEAT: how late its event loop was. */
export interface BeatFrame {
  readonly lagMs: number
}

/** From one BEAT to the next, of a worker whose event loop turns. */
export const BEAT_MS = 2_000

/** Files that a worker writes about itself, in the directory `diagnostics` of its workspace. */
export const DIAGNOSTICS = { report: 'report.json', profile: 'cpu.cpuprofile', heap: 'heap.json' } as const

/** BORN, and READY of one that has not said that: it may die before anybody has looked at it. */
export type FirstWord = Pick<WorkerUsage, 'peakRssMiB'>

/** What the worker saw of its own cost, its finished children included. */
export interface WorkerUsage {
  readonly cpuSeconds: number
  readonly peakRssMiB: number
  /** What it had written to disks. */
  readonly writtenMiB: number
  /** Modules of Node that were loaded for its task. */
  readonly builtins: number
}

export interface ResultFrame {
  readonly result: Json
  readonly usage: WorkerUsage
}

export interface ErrorFrame {
  readonly code: string
  readonly message: string
  readonly exitCode?: number
  readonly signal?: string
  /** Absent: the kind's retry policy decides. */
  readonly retryable?: boolean
  readonly usage: WorkerUsage
}
