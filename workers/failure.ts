import type { ErrorFrame } from '../src/protocol/messages.ts'
import { usage } from './usage.ts'

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
    message: messageOf(thrown).slice(0, maxMessageLength),
    ...(typeof steering.exitCode === 'number' && { exitCode: steering.exitCode }),
    ...(typeof steering.signal === 'string' && { signal: steering.signal }),
    ...(typeof steering.retryable === 'boolean' && { retryable: steering.retryable }),
    usage: usage(),
  }
}

function codeOf(thrown: unknown, { code }: Steering): string {
  if (thrown instanceof RangeError && isOutOfMemory(thrown.message)) return 'OUT_OF_MEMORY'
  return typeof code === 'string' && codePattern.test(code) ? code : 'TASK_FAILED'
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
