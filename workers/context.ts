import { FRAME, type Frame } from '../src/protocol/frame.ts'
import type { AckFrame, Ask, CheckpointFrame, LogLine, Start, SuspendFrame } from '../src/protocol/messages.ts'
import type { Json, JsonObject } from '../src/task/json.ts'
import type { Progress } from '../src/task/task.ts'
import { Artifacts } from './artifacts.ts'
import { json, report } from './pipes.ts'
import type { Secrets } from './secrets.ts'

type Log = (message: string, fields?: JsonObject) => void

/** What a task sees: all it may know, and all it may say. */
export interface Context<Input = Json> {
  readonly taskId: string
  readonly tenant: string
  readonly kind: string
  readonly attempt: number
  readonly input: Input
  /** What an earlier attempt saved, null when none did. */
  readonly checkpoint: Json
  /** Aborted when the task is to end; `signal.reason` is an Ask, its `kind` says why. */
  readonly signal: AbortSignal
  /** A directory of this attempt alone; it is gone when the attempt has settled. */
  readonly workspace: string
  readonly secrets: Secrets
  readonly log: Readonly<Record<LogLine['level'], Log>>
  progress(progress: Progress): void
  /** Keeps a file, or bytes, under this name; of two with the same name the later one. */
  artifact(name: string, pathOrBytes: string | Uint8Array, options?: { readonly contentType?: string }): Promise<void>
  /** Resolves once the value is durable: a later attempt finds it as `checkpoint`. */
  saveCheckpoint(value: Json): Promise<void>
  /** Ends this process; the task resumes at `resumeAt`, as a later attempt with this checkpoint. */
  suspend(until: { readonly resumeAt: Date; readonly checkpoint: Json }): never
}

/** The context of one task, and where frames of the orchestrator are delivered to it. */
export function createContext(start: Start, secrets: Secrets): { context: Context; deliver: (frame: Frame) => void } {
  const abort = new AbortController()
  const artifacts = new Artifacts(`${process.cwd()}/../artifacts`)
  const acknowledged = new Map<number, () => void>()
  let nextCheckpoint = 1
  const context: Context = {
    taskId: start.task,
    tenant: start.tenant,
    kind: start.kind,
    attempt: start.attempt,
    input: start.input,
    checkpoint: start.checkpoint,
    signal: abort.signal,
    workspace: process.cwd(),
    secrets,
    log: { debug: logAt('debug'), info: logAt('info'), warn: logAt('warn'), error: logAt('error') },
    progress: (progress) => report(FRAME.PROGRESS, progress),
    artifact: (name, source, options) => artifacts.add(name, source, options?.contentType),
    saveCheckpoint: (value) =>
      new Promise((resolve) => {
        const number = nextCheckpoint++
        acknowledged.set(number, resolve)
        report(FRAME.CHECKPOINT, { number, value } satisfies CheckpointFrame)
      }),
    suspend({ resumeAt, checkpoint }) {
      report(FRAME.SUSPEND, { resumeAt: resumeAt.getTime(), checkpoint } satisfies SuspendFrame)
      process.exit(0)
    },
  }
  const acknowledge = ({ number }: AckFrame) => {
    acknowledged.get(number)?.()
    acknowledged.delete(number)
  }
  return {
    context,
    deliver(frame) {
      if (frame.type === FRAME.ACK) acknowledge(json(frame) as AckFrame)
      if (frame.type === FRAME.CANCEL || frame.type === FRAME.PREEMPT) abort.abort(json(frame) as Ask)
    },
  }
}

function logAt(level: LogLine['level']): Log {
  return (message, fields) => report(FRAME.LOG, { level, message, ...(fields && { fields }) })
}
