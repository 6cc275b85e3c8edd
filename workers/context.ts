import { FRAME, type Frame } from '../src/protocol/frame.ts'
import type {
  AckFrame,
  AnswerFrame,
  Ask,
  CheckpointFrame,
  LogLine,
  Start,
  SubmitFrame,
} from '../src/protocol/messages.ts'
import type { TaskError } from '../src/task/errors.ts'
import type { Json, JsonObject } from '../src/task/json.ts'
import type { Progress } from '../src/task/task.ts'
import { type ArtifactOptions, Artifacts } from './artifacts.ts'
import { type Child, childrenOf, suspend, type Until } from './children.ts'
import { writeReport } from './diagnostics.ts'
import { FatalError } from './errors/steering.ts'
import { Kept } from './kept.ts'
import { once } from './once.ts'
import { json, report } from './pipes.ts'
import type { Asked, Questions } from './questions.ts'
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
  /**
   * A directory of the task that survives attempts, for files that a checkpoint refers to; it is gone when the task has
   * ended. Each attempt finds it at another place: a checkpoint names files by where they are in it.
   */
  readonly kept: string
  /** The directory of the tenant that the kind names: it outlives tasks, and others may use it at the same time. */
  readonly directory: string
  readonly secrets: Secrets
  readonly log: Readonly<Record<LogLine['level'], Log>>
  progress(progress: Progress): void
  /** The path of an upload that the input refers to, to be read only. */
  upload(id: string): string
  /** Keeps a file, or bytes, under this name; of two with the same name the later one. */
  artifact(name: string, pathOrBytes: string | Uint8Array, options?: ArtifactOptions): Promise<void>
  /** Resolves once the value is durable: a later attempt finds it as `checkpoint`. Rejects when it holds a secret. */
  saveCheckpoint(value: Json): Promise<void>
  /**
   * Submits a child task, with a request as clients send it; resolves once it is durable. The same key finds the same
   * child, also from a later attempt. Rejects with the sentence that says why there is none.
   */
  submit(key: string, request: { readonly kind: string; readonly [field: string]: unknown }): Promise<{ id: string }>
  /** The tasks that this one has submitted, as they are now. */
  children(): Promise<Child[]>
  /** Ends this process; the task goes on as a later attempt with this checkpoint, or the one saved last. */
  suspend(until: Until): never
  /** In a cleanup: why the task has ended. Null otherwise. */
  readonly error: TaskError | null
}

/** Where a worker is born: its task may go elsewhere. */
const workspace = process.cwd()

/** The context of one task, and where frames of the orchestrator are delivered to it. */
export function createContext(
  start: Start,
  secrets: Secrets,
  questions: Questions,
): { context: Context; deliver: (frame: Frame) => void } {
  const abort = once(() => new AbortController())
  const artifacts = once(() => new Artifacts(`${ownDirectory(start)}/.artifacts`))
  const kept = new Kept(start.kept)
  let saved = start.checkpoint
  const context: Context = {
    taskId: start.task,
    tenant: start.tenant,
    kind: start.kind,
    attempt: start.attempt,
    input: start.input,
    checkpoint: start.checkpoint,
    get signal() {
      return abort().signal
    },
    workspace,
    get kept() {
      return kept.open()
    },
    directory: start.directory ?? '',
    secrets,
    log: {
      debug: start.debug ? logAt('debug') : () => {},
      info: logAt('info'),
      warn: logAt('warn'),
      error: logAt('error'),
    },
    progress: (progress) => report(FRAME.PROGRESS, progress),
    upload: (id) => uploadOf(start, id),
    artifact: (name, source, options) => artifacts().add(name, source, options),
    async saveCheckpoint(value) {
      kept.sync()
      await questions.ask(FRAME.CHECKPOINT, { value } satisfies Asked<CheckpointFrame>)
      saved = value
    },
    submit: (key, request) =>
      questions.ask(FRAME.SUBMIT, { key, request } satisfies Asked<SubmitFrame>) as Promise<{ id: string }>,
    children: () => childrenOf(questions),
    suspend(until) {
      kept.sync()
      return suspend({ ...until, checkpoint: until.checkpoint === undefined ? saved : until.checkpoint })
    },
    error: start.cleanup?.error ?? null,
  }
  if (start.directory === null) refuseDirectory(context)
  return {
    context,
    deliver(frame) {
      if (frame.type === FRAME.ACK || frame.type === FRAME.ANSWER)
        questions.answered(json(frame) as AckFrame | AnswerFrame)
      if (frame.type === FRAME.DIAGNOSE) writeReport(diagnosticsOf(start))
      if (frame.type === FRAME.CANCEL || frame.type === FRAME.PREEMPT) abort().abort(json(frame) as Ask)
    },
  }
}

/** Whoever asks for it is told; whoever takes the context apart (`{ input, ...rest }`) has not asked. */
function refuseDirectory(context: Context): void {
  const get = () => {
    throw new FatalError(`the kind ${context.kind} has no directory: its definition names one with directory`)
  }
  Object.defineProperty(context, 'directory', { get, enumerable: false })
}

/** On disk, like artifacts, also where a task works in memory. */
export function diagnosticsOf(start: Start): string {
  return `${ownDirectory(start)}/.diagnostics`
}

/** The worker's own on disk, in which it keeps what others are to have. */
function ownDirectory({ kept }: Start): string {
  return process.getBuiltinModule('node:path').dirname(kept)
}

function uploadOf({ uploads }: Start, id: string): string {
  const path = Object.hasOwn(uploads, id) ? uploads[id] : undefined
  if (path !== undefined) return path
  const message = `the input does not refer to an upload ${id}: its kind marks members that do with "format": "upload"`
  throw new FatalError(message)
}

function logAt(level: LogLine['level']): Log {
  return (message, fields) => report(FRAME.LOG, { level, message, ...(fields && { fields }) })
}
