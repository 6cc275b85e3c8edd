import type { Needles } from '../mask/needles.ts'
import { maskReport } from '../mask/report.ts'
import { FRAME, type FrameType } from '../protocol/frame.ts'
import type { WorkerUsage } from '../protocol/messages.ts'
import { BrokenFrame } from '../protocol/parser.ts'
import { defaultContentType, faultOfName, isContentType, type ReportedArtifact } from '../task/artifact.ts'
import type { TaskError } from '../task/errors.ts'
import { isDeeperThan, type Json, type JsonObject } from '../task/json.ts'
import type { Awaits, Progress } from '../task/task.ts'
import type { Inquiry } from './inquiries.ts'

/** What a worker says, checked: it may be written in any language, and by anybody. */
export type Report =
  | { readonly type: 'progress'; readonly progress: Progress }
  | { readonly type: 'log'; readonly data: JsonObject }
  | { readonly type: 'artifact'; readonly artifact: ReportedArtifact }
  | { readonly type: 'checkpoint'; readonly number: number; readonly value: Json; readonly holdsSecret: boolean }
  | {
      readonly type: 'suspend'
      readonly resumeAt: number | null
      readonly awaits: Awaits | null
      readonly checkpoint: Json
      readonly holdsSecret: boolean
    }
  | Inquiry
  | { readonly type: 'result'; readonly result: Json; readonly usage: WorkerUsage }
  | { readonly type: 'error'; readonly error: TaskError; readonly usage: WorkerUsage }

const maxTextCharacters = 16 * 1024
const maxDepth = 100
const maxIdCharacters = 64
const maxAwaited = 1_000

/** What it says is masked; of a checkpoint, whether it would have to be. Throws BrokenFrame when the worker has no business sending this. */
export function parseReport(type: FrameType, value: unknown, needles: Needles): Report {
  if (isDeeperThan(value, maxDepth)) throw new BrokenFrame(`it sent JSON nested deeper than ${maxDepth}`)
  const masked = maskReport(value, needles)
  const holdsSecret = masked !== value
  const fields = isObject(masked) ? masked : {}
  switch (type) {
    case FRAME.PROGRESS:
      return parseProgress(fields)
    case FRAME.LOG:
      return { type: 'log', data: toLog(fields) }
    case FRAME.ARTIFACT:
      return parseArtifact(fields)
    case FRAME.CHECKPOINT:
      return { type: 'checkpoint', number: number(fields.number), value: (fields.value ?? null) as Json, holdsSecret }
    case FRAME.SUSPEND:
      return parseSuspend(fields, holdsSecret)
    case FRAME.SUBMIT:
      return parseSubmit(fields)
    case FRAME.CHILDREN:
      return { type: 'children', number: number(fields.number), after: toText(fields.after) }
    case FRAME.RESULT:
      return { type: 'result', result: (fields.result ?? null) as Json, usage: parseUsage(fields.usage) }
    case FRAME.ERROR:
      return { type: 'error', error: toError(fields), usage: parseUsage(fields.usage) }
    default:
      throw new BrokenFrame(`it sent a frame of type ${type}, which only the orchestrator sends`)
  }
}

type Fields = Readonly<Record<string, unknown>>

/** A progress that makes no sense is the author's mistake, not a reason to end the task: it is shown as a warning. */
function parseProgress(fields: Fields): Report {
  const { phase, percent = null, done, total, unit, message } = fields
  const isPercent = percent === null || (isNumber(percent) && percent >= 0 && percent <= 100)
  if (typeof phase !== 'string' || !isPercent) {
    const text = 'a progress was left out: it needs a phase, and a percent between 0 and 100 or null'
    return { type: 'log', data: { stream: 'log', level: 'warn', text } }
  }
  const progress: Progress = {
    phase: cut(phase),
    percent: percent as number | null,
    ...(isNumber(done) && { done }),
    ...(isNumber(total) && { total }),
    ...(typeof unit === 'string' && { unit: cut(unit) }),
    ...(typeof message === 'string' && { message: cut(message) }),
  }
  return { type: 'progress', progress }
}

/** Our own worker refuses such a name itself; another may send anything. */
function parseArtifact({ number: at, name, contentType }: Fields): Report {
  const fault = faultOfName(String(name))
  if (!Number.isSafeInteger(at) || fault) {
    return {
      type: 'log',
      data: { stream: 'log', level: 'warn', text: `an artifact was left out: ${fault ?? 'no number'}` },
    }
  }
  const type = typeof contentType === 'string' && isContentType(contentType) ? contentType : defaultContentType
  return { type: 'artifact', artifact: { number: at as number, name: String(name), contentType: type } }
}

function toLog({ level, message, fields }: Fields): JsonObject {
  const levels = ['debug', 'info', 'warn', 'error']
  return {
    stream: 'log',
    level: levels.includes(level as string) ? (level as string) : 'info',
    text: cut(toText(message)),
    ...(isObject(fields) && { fields: fields as JsonObject }),
  }
}

function parseSuspend(fields: Fields, holdsSecret: boolean): Report {
  const awaits = toAwaits(fields.awaits)
  const resumeAt = awaits !== null && fields.resumeAt == null ? null : number(fields.resumeAt)
  if (Math.abs(resumeAt ?? 0) >= year10000) throw new BrokenFrame('it suspended until no time that exists')
  return { type: 'suspend', resumeAt, awaits, checkpoint: (fields.checkpoint ?? null) as Json, holdsSecret }
}

/** Times have four digits for the year everywhere outside. */
const year10000 = Date.UTC(10_000, 0)

/** Of ids that are nobody's, or another's, nothing is expected: they are settled as far as this task is concerned. */
function toAwaits(value: unknown): Awaits | null {
  if (!Array.isArray(value)) return value === 'all' ? 'all' : null
  const isId = (id: unknown): id is string => typeof id === 'string' && id.length <= maxIdCharacters
  if (value.length > maxAwaited || !value.every(isId))
    throw new BrokenFrame('it suspended until no children that exist')
  return value
}

function parseSubmit({ number: asked, key, request }: Fields): Report {
  return { type: 'submit', number: number(asked), key: toText(key), request: request ?? null }
}

function toError(fields: Fields): TaskError {
  const { code, message, exitCode, signal, retryable } = fields
  return {
    code: typeof code === 'string' && /^[A-Z][A-Z0-9_]{0,63}$/.test(code) ? code : 'TASK_FAILED',
    message: cut(toText(message) || 'the task failed'),
    ...(Number.isInteger(exitCode) && { exitCode: exitCode as number }),
    ...(typeof signal === 'string' && { signal: cut(signal) }),
    retryable: retryable !== false,
  }
}

/** Whatever it says: what is no figure is none. */
export function parseUsage(value: unknown): WorkerUsage {
  const fields = isObject(value) ? value : {}
  return {
    cpuSeconds: number(fields.cpuSeconds),
    peakRssMiB: number(fields.peakRssMiB),
    writtenMiB: number(fields.writtenMiB),
    builtins: number(fields.builtins),
  }
}

function number(value: unknown): number {
  return isNumber(value) ? value : 0
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function cut(text: string): string {
  return text.slice(0, maxTextCharacters)
}

/** Never by the value's own toString: a worker may have put anything there. */
function toText(value: unknown): string {
  if (typeof value === 'string') return value
  return value === undefined || value === null ? '' : JSON.stringify(value)
}
