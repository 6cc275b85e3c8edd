/** The pipes of a worker: what it prints on 1 and 2, what it is told on 3, what it reports on 4. */
import { checkpointRefusal, maskReport } from '../src/mask/report.ts'
import {
  decodeSecret,
  encodeJson,
  encodeMask,
  encodeStore,
  FRAME,
  type Frame,
  type FrameType,
  HEADER_BYTES,
} from '../src/protocol/frame.ts'
import type { KindFrame, RehearseFrame, Start } from '../src/protocol/messages.ts'
import { zeroableArray } from '../src/system/zeroable.ts'
import { FatalError } from './errors/steering.ts'
import type { Code } from './load.ts'
import { maskWrites, type Writable } from './masked-output.ts'
import { needles } from './needles.ts'
import { once } from './once.ts'

// Not imported: the module that Node makes of it for an import costs each start 4 ms of CPU (measured).
const { closeSync, readSync, writeSync } = process.getBuiltinModule('node:fs')

/** How a worker exits when it is not by a result; only people read these, the frames decide. */
export const EXIT = { TASK_FAILED: 1, NEVER_TOLD: 85, ORPHANED: 86 } as const

const fromOrchestrator = 3
const toOrchestrator = 4

/** Says it at once. Throws when it is a checkpoint that holds a secret. */
export function report(type: FrameType, value?: unknown): void {
  write(encodeReport(type, value))
}

/** A frame to be written, masked. Throws when it is a checkpoint that holds a secret. */
export function encodeReport(type: FrameType, value?: unknown): Uint8Array {
  return encodeJson(type, masked(type, value))
}

/** Tells the orchestrator a value that it must mask. */
export function reportMask(number: number, value: Uint8Array): void {
  const frame = encodeMask(number, value)
  write(frame)
  frame.fill(0)
}

/** Has the orchestrator store a value. */
export function reportStore(number: number, name: string, value: Uint8Array): void {
  const frame = encodeStore(number, name, value)
  write(frame)
  frame.fill(0)
}

/** As JSON, because a value may turn itself into something else on its way there. */
function masked(type: FrameType, value: unknown): unknown {
  if (needles.areNone || value === undefined) return value
  const said = JSON.parse(JSON.stringify(value))
  const shown = maskReport(said, needles)
  const isCheckpoint = type === FRAME.CHECKPOINT || type === FRAME.SUSPEND
  if (shown !== said && isCheckpoint) throw new FatalError(checkpointRefusal)
  return shown
}

/** Returns when the kernel has all of it: the order is kept, and nothing is lost by an exit. */
export function write(frame: Uint8Array): void {
  try {
    for (let written = 0; written < frame.length; ) written += writeSync(toOrchestrator, frame, written)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EPIPE') perish()
    throw error
  }
}

/** Ends this process with its group: whom it works for is gone. */
export function perish(): never {
  try {
    process.kill(0, 'SIGKILL')
  } finally {
    process.exit(EXIT.ORPHANED)
  }
}

/** Nothing more is reported. */
export function closeReports(): void {
  closeSync(toOrchestrator)
}

/** A task as it was told, with its secrets in buffers of their own. */
export interface Told {
  readonly start: Start
  readonly secrets: ReadonlyMap<string, Uint8Array>
  /** What comes of loading its kind, when it was told to while it waited; undefined when it was not. */
  readonly code: Promise<Code> | undefined
}

/** What helps a task when it is done before the task is told. */
interface Preparations {
  readonly load: (module: string, text: string | undefined) => Promise<Code>
  readonly rehearse: (kinds: readonly KindFrame[]) => Promise<void>
}

/**
 * Waits, blocked, for START, SECRET×n, END; before them may come what to load, with the task itself, to be begun when
 * START comes, and that there is time to rehearse.
 * Undefined when the orchestrator let go: this worker has done nothing.
 */
export async function readStart({ load, rehearse }: Preparations): Promise<Told | undefined> {
  let start: Start | undefined
  let announced: Start | undefined
  let code: Told['code']
  const secrets = new Map<string, Uint8Array>()
  for (let frame = readFrame(); frame; frame = readFrame()) {
    // Whether it helps is no concern of the task that comes.
    if (frame.type === FRAME.REHEARSE) await rehearse((json(frame) as RehearseFrame).kinds).catch(() => {})
    if (frame.type === FRAME.KIND) {
      const { module, text, start } = json(frame) as KindFrame
      announced = start
      code = load(module, text)
      // What keeps it from being loaded is said when its task begins: another try might say something else.
      await code.catch(() => {})
    }
    if (frame.type === FRAME.START) start = frame.bytes.length > 0 ? (json(frame) as Start) : announced
    if (frame.type === FRAME.SECRET) {
      const { name, value } = decodeSecret(frame.bytes)
      secrets.set(name, value)
    }
    if (frame.type === FRAME.END) return start && { start, secrets, code }
  }
  return undefined
}

/** Reads not a byte too many: what comes later is the life line's. */
function readFrame(): Frame | undefined {
  const header = readExactly(HEADER_BYTES)
  const view = header && new DataView(header.buffer)
  const bytes = view && readExactly(view.getUint32(0))
  return bytes && { type: view.getUint8(4) as FrameType, bytes }
}

/** Undefined when the pipe ends before. */
function readExactly(length: number): Uint8Array<ArrayBuffer> | undefined {
  const bytes = zeroableArray(length)
  for (let filled = 0; filled < length; ) {
    const read = readSync(fromOrchestrator, bytes, filled, length - filled, null)
    if (read === 0) return undefined
    filled += read
  }
  return bytes
}

const decoder = new TextDecoder()

export function json(frame: Frame): unknown {
  return JSON.parse(decoder.decode(frame.bytes))
}

/**
 * Makes what a task prints leave the process before the next line of code runs: through a pipe Node writes in the
 * background, and an exit would lose what is still waiting (measured: all but the first 6 KB of a large output). Its
 * secrets are masked. Returns what is to be called at the end.
 */
export function keepOutputWhole(): () => void {
  const ends: (() => void)[] = []
  for (const name of ['stdout', 'stderr'] as const) {
    const original = Object.getOwnPropertyDescriptor(process, name)?.get
    if (!original) continue
    const open = once(() => {
      const stream = block(original.call(process) as Handled)
      ends.push(maskWrites(stream))
      return stream
    })
    Object.defineProperty(process, name, { configurable: true, enumerable: true, get: open })
  }
  return () => {
    for (const end of ends) end()
  }
}

/** A stream over a libuv handle. */
interface Handled extends Writable {
  readonly _handle?: { setBlocking?(blocking: boolean): void }
}

function block(stream: Handled): Handled {
  stream._handle?.setBlocking?.(true)
  return stream
}
