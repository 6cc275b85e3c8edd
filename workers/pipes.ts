import { readSync, writeSync } from 'node:fs'
import { encodeJson, FRAME, type Frame, type FrameType } from '../src/protocol/frame.ts'
import type { Start } from '../src/protocol/messages.ts'
import { FrameParser } from '../src/protocol/parser.ts'

/** How a worker exits when it is not by a result; only people read these, the frames decide. */
export const EXIT = { TASK_FAILED: 1, NEVER_TOLD: 85, ORPHANED: 86 } as const

const fromOrchestrator = 3
const toOrchestrator = 4

/** Writes one frame and returns when the kernel has all of it: the order is kept, and nothing is lost by an exit. */
export function report(type: FrameType, value?: unknown): void {
  const frame = encodeJson(type, value)
  for (let written = 0; written < frame.length; ) written += writeSync(toOrchestrator, frame, written)
}

const chunkBytes = 64 * 1024
const decoder = new TextDecoder()

/** Waits, blocked, for START … END. Undefined when the orchestrator let go: this worker has done nothing. */
export function readStart(): Start | undefined {
  const parser = new FrameParser()
  const chunk = new Uint8Array(chunkBytes)
  let start: Start | undefined
  for (;;) {
    const bytes = readSync(fromOrchestrator, chunk)
    if (bytes === 0) return undefined
    for (const frame of parser.push(chunk.subarray(0, bytes))) {
      if (frame.type === FRAME.START) start = json(frame) as Start
      if (frame.type === FRAME.END) return start
    }
  }
}

export function json(frame: Frame): unknown {
  return JSON.parse(decoder.decode(frame.bytes))
}
