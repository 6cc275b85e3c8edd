import type { Socket } from 'node:net'
import { type Frame, MAX_START_BYTES } from '../src/protocol/frame.ts'
import { FrameParser } from '../src/protocol/parser.ts'
import { perish } from './pipes.ts'

/**
 * Listens on fd 3 while the task runs. Its end means that the orchestrator is gone: so is this process, with its group.
 * It keeps the process alive while the task waits for nothing else: a word from here may be what it waits for.
 */
export function openLifeLine(deliver: (frame: Frame) => void): void {
  const { Socket: PipeSocket } = process.getBuiltinModule('node:net')
  const line: Socket = new PipeSocket({ fd: 3, readable: true, writable: false })
  // What children returned may be as large as what a worker may send, and more comes with it.
  const parser = new FrameParser(MAX_START_BYTES)
  line.on('data', (chunk: Uint8Array) => {
    for (const frame of parser.push(chunk)) deliver(frame)
  })
  line.on('error', perish)
  line.on('end', perish)
}
