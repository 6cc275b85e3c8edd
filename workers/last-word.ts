/** The last thing that a worker reports: what came of its task, and what that cost; and the first. */
import { maskText } from '../src/mask/json.ts'
import type { ErrorFrame, FirstWord, ResultFrame, WorkerUsage } from '../src/protocol/messages.ts'
import type { Json } from '../src/task/json.ts'
import { builtinsLoaded } from './builtins.ts'
import { needles } from './needles.ts'

// As utf8, which Node reads in one step.
const { readFileSync } = process.getBuiltinModule('node:fs')
const { cpuUsage, resourceUsage } = process

export function firstWord(): FirstWord {
  return { peakRssMiB: peakRssMiB() }
}

export function resultFrame(result: Json): ResultFrame {
  return { result, usage: usage() }
}

/** What a task may put on the error it throws, besides the message. */
interface Steering {
  readonly code?: unknown
  readonly exitCode?: unknown
  readonly signal?: unknown
  readonly retryable?: unknown
}

const codePattern = /^[A-Z][A-Z0-9_]{0,63}$/
const maxMessageLength = 4_000

/** The frame for whatever a task threw: an Error, or anything else. */
export function errorFrame(thrown: unknown): ErrorFrame {
  const steering: Steering = typeof thrown === 'object' && thrown !== null ? thrown : {}
  return {
    code: codeOf(thrown, steering),
    // Masked before it is cut: half a secret is not recognised.
    message: maskText(messageOf(thrown), needles).slice(0, maxMessageLength),
    ...(typeof steering.exitCode === 'number' && { exitCode: steering.exitCode }),
    ...(typeof steering.signal === 'string' && { signal: steering.signal }),
    ...(typeof steering.retryable === 'boolean' && { retryable: steering.retryable }),
    usage: usage(),
  }
}

function codeOf(thrown: unknown, { code }: Steering): string {
  if (thrown instanceof RangeError && isOutOfMemory(thrown.message)) return 'OUT_OF_MEMORY'
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') return 'OUT_OF_MEMORY'
  return typeof code === 'string' && codePattern.test(code) ? code : (refusedBelow(thrown, deepest) ?? 'TASK_FAILED')
}

/** What the kernel refuses to who has as much as he may. */
const refused: ReadonlySet<unknown> = new Set(['EMFILE', 'EFBIG', 'ENOMEM'])
const deepest = 4

/** The code of such an error that is what another one, which has none of its own, came from: as of a `fetch`. */
function refusedBelow(thrown: unknown, depth: number): string | undefined {
  if (typeof thrown !== 'object' || thrown === null || depth === 0) return undefined
  const { code, cause, errors } = thrown as { code?: unknown; cause?: unknown; errors?: unknown }
  if (refused.has(code)) return String(code)
  const causes = [cause, ...(Array.isArray(errors) ? errors.slice(0, deepest) : [])]
  return causes.map((one) => refusedBelow(one, depth - 1)).find((found) => found !== undefined)
}

function isOutOfMemory(message: string): boolean {
  return /^(Array buffer allocation failed|Failed to allocate memory)/.test(message)
}

function messageOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message || thrown.name
  try {
    return `the task threw ${JSON.stringify(thrown) ?? String(thrown)}`
  } catch {
    return 'the task threw something that cannot be shown'
  }
}

const builtinsAtBirth = builtinsLoaded()

/** CPU of this process and of the children that it has waited for; peak memory of this process. */
function usage(): WorkerUsage {
  const { user, system } = cpuUsage()
  return {
    cpuSeconds: (user + system) / 1e6 + childrenCpuSeconds(),
    peakRssMiB: peakRssMiB(),
    writtenMiB: writtenMiB(),
    builtins: builtinsLoaded() - builtinsAtBirth,
  }
}

/** To disks, by this process and by the children that it has waited for. */
function writtenMiB(): number {
  try {
    const [, bytes = '0'] = readFileSync('/proc/self/io', 'utf8').split('\nwrite_bytes: ')
    return Number.parseInt(bytes, 10) / 1024 ** 2
  } catch {
    return 0
  }
}

/** Of this program: to whatever else there is to ask the memory of whoever started it was its own until then. */
function peakRssMiB(): number {
  try {
    const [, kibibytes = ''] = readFileSync('/proc/self/status', 'utf8').split('\nVmHWM:')
    return Number.parseInt(kibibytes, 10) / 1024
  } catch {
    return resourceUsage().maxRSS / 1024
  }
}

const ticksPerSecond = 100

function childrenCpuSeconds(): number {
  try {
    const stat = readFileSync('/proc/self/stat', 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[13]) + Number(fields[14])) / ticksPerSecond
  } catch {
    return 0
  }
}
