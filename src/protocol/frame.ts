/**
 * Frames between orchestrator and worker: `u32 length | u8 type | bytes`, big endian, the length without its own header.
 * They pass unchanged through setpriv, unshare and bwrap, and a worker in any language can speak them, if it passes
 * over those that it does not know.
 */
import { zeroable } from '../system/zeroable.ts'

export const FRAME = {
  // to the worker, on fd 3
  START: 1,
  SECRET: 2,
  END: 3,
  CANCEL: 4,
  PREEMPT: 5,
  ACK: 6,
  ANSWER: 7,
  DIAGNOSE: 8,
  // to one that stands by, before START: what to load while its claim is on the way to the disk, with what START will
  // mean by saying nothing; and that it has the time to rehearse
  KIND: 9,
  REHEARSE: 10,
  // from the worker, on fd 4: BORN says that it is up and blank and stands by, READY that it has read what it is to do,
  // BEAT that its event loop turns
  READY: 16,
  PROGRESS: 17,
  LOG: 18,
  CHECKPOINT: 19,
  ARTIFACT: 20,
  SUBMIT: 21,
  SUSPEND: 22,
  CHILDREN: 23,
  RESULT: 24,
  ERROR: 25,
  MASK: 26,
  BORN: 27,
  BEAT: 28,
  STORE: 29,
} as const

export type FrameType = (typeof FRAME)[keyof typeof FRAME]

export interface Frame {
  readonly type: FrameType
  readonly bytes: Uint8Array
}

export const HEADER_BYTES = 5

/** What one frame of a worker may carry at most: a result or a checkpoint fits, a flood does not. */
export const MAX_FRAME_BYTES = 4 * 1024 * 1024

/** The first argument of a worker whose task waits for it already: it does not say first that it is up. */
export const AT_ONCE = 'at-once'

/** START carries an input and a checkpoint, and both may have grown when they were written again: 1e20 has 21 digits. */
export const MAX_START_BYTES = 64 * 1024 * 1024

/** Of a worker that no answer was given to yet: it keeps to itself what would be more, and is ended if it does not. */
export const MOST_QUESTIONS = 1_000

const known: ReadonlySet<number> = new Set(Object.values(FRAME))

export function isFrameType(type: number): type is FrameType {
  return known.has(type)
}

/** Throws RangeError when the frame is over the limit. */
export function encodeFrame(type: FrameType, bytes: Uint8Array, maxBytes = MAX_FRAME_BYTES): Uint8Array {
  if (bytes.length > maxBytes) {
    throw new RangeError(`a frame of ${bytes.length} bytes is over the limit of ${maxBytes}`)
  }
  const frame = new Uint8Array(HEADER_BYTES + bytes.length)
  writeHeader(frame, type)
  frame.set(bytes, HEADER_BYTES)
  return frame
}

/** Of a whole frame, in its first bytes. */
function writeHeader(frame: Uint8Array, type: FrameType): void {
  const view = new DataView(frame.buffer, frame.byteOffset)
  view.setUint32(0, frame.length - HEADER_BYTES)
  view.setUint8(4, type)
}

/** What a SECRET frame carries: `u8 name length | name | value`. */
export function decodeSecret(bytes: Uint8Array): { readonly name: string; readonly value: Uint8Array } {
  const start = 1 + (bytes[0] ?? 0)
  return { name: decoder.decode(bytes.subarray(1, start)), value: bytes.subarray(start) }
}

/** Writes a whole SECRET frame into a buffer that the caller made, and wipes: it must have `secretFrameBytes`. */
export function encodeSecret(name: string, value: Uint8Array, frame: Uint8Array): void {
  const nameBytes = encoder.encode(name)
  writeHeader(frame, FRAME.SECRET)
  frame[HEADER_BYTES] = nameBytes.length
  frame.set(nameBytes, HEADER_BYTES + 1)
  frame.set(value, HEADER_BYTES + 1 + nameBytes.length)
}

export function secretFrameBytes(name: string, value: Uint8Array): number {
  return HEADER_BYTES + 1 + encoder.encode(name).length + value.length
}

/** What a MASK frame carries: `u32 number | value`; the caller wipes it. */
export function decodeMask(bytes: Uint8Array): { readonly number: number; readonly value: Uint8Array } {
  const number = bytes.length < maskHeaderBytes ? 0 : new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
  return { number, value: bytes.subarray(maskHeaderBytes) }
}

/** A whole MASK frame in a buffer of its own, which the caller wipes. */
export function encodeMask(number: number, value: Uint8Array): Uint8Array {
  const frame = zeroable(HEADER_BYTES + maskHeaderBytes + value.length)
  writeHeader(frame, FRAME.MASK)
  frame.writeUInt32BE(number, HEADER_BYTES)
  frame.set(value, HEADER_BYTES + maskHeaderBytes)
  return frame
}

const maskHeaderBytes = 4

/** What a STORE frame carries: `u32 number | u8 name length | name | value`; the caller wipes it. */
export function decodeStore(bytes: Uint8Array): {
  readonly number: number
  readonly name: string
  readonly value: Uint8Array
} {
  const { number, value } = decodeMask(bytes)
  return { number, ...decodeSecret(value) }
}

/** A whole STORE frame in a buffer of its own, which the caller wipes. */
export function encodeStore(number: number, name: string, value: Uint8Array): Uint8Array {
  const nameBytes = encoder.encode(name)
  const at = HEADER_BYTES + maskHeaderBytes
  const frame = zeroable(at + 1 + nameBytes.length + value.length)
  writeHeader(frame, FRAME.STORE)
  frame.writeUInt32BE(number, HEADER_BYTES)
  frame[at] = nameBytes.length
  frame.set(nameBytes, at + 1)
  frame.set(value, at + 1 + nameBytes.length)
  return frame
}

const empty = new Uint8Array(0)
const encoder = new TextEncoder()

/** A frame whose bytes are JSON; no value, no bytes. */
export function encodeJson(type: FrameType, value?: unknown, maxBytes = MAX_FRAME_BYTES): Uint8Array {
  return encodeFrame(type, value === undefined ? empty : encoder.encode(JSON.stringify(value)), maxBytes)
}

const decoder = new TextDecoder('utf-8', { fatal: true })

/** The JSON that a frame carries, null when it is empty. Throws SyntaxError or TypeError on anything else. */
export function decodeJson(frame: Frame): unknown {
  return frame.bytes.length === 0 ? null : JSON.parse(decoder.decode(frame.bytes))
}
