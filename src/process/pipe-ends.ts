/**
 * Our ends of a worker's pipes. Node's own sockets read into memory that is not ours and leave a copy there (measured). One
 * that was told its buffer reads into that one and nowhere else: here all of them have the same, which holds nothing
 * between two reads.
 */
import { Socket, type SocketConstructorOpts } from 'node:net'
import type { Readable, Writable } from 'node:stream'
import { zeroable, zeroableCopy } from '../system/zeroable.ts'
import type { PipeEnd } from './spawn.ts'

const chunk = zeroable(64 * 1024)

/**
 * What comes through it, in chunks that nobody finds who wipes them. Whoever listens for them wipes each; what nobody has
 * taken when it is closed is wiped here.
 */
export function readerOf(end: PipeEnd): Socket {
  const callback = (bytes: number) => {
    const own = zeroableCopy(chunk.subarray(0, bytes))
    chunk.fill(0, 0, bytes)
    return reader.push(own)
  }
  // No more than one chunk waits for its reader: of several Node would make one, a copy that nobody else has. Nothing is
  // written to it, or Node would take leave of the other side at its end: another call of the system, and what belongs to it.
  const options = { ...end, readable: true, writable: false, highWaterMark: 1, onread: { buffer: chunk, callback } }
  const reader = new Socket(options as SocketConstructorOpts)
  reader.once('close', () => reader.read()?.fill(0))
  return reader
}

export function writerOf(end: PipeEnd): Writable {
  return new Socket({ ...end, readable: true, writable: true } as SocketConstructorOpts)
}

/**
 * A worker may die before it has its readers. Node then throws away what nobody reads, and closes the pipe: they must
 * find its last words all the same, and be told of an end that they have missed, or they would wait for it for ever.
 */
export function keepUntilRead(pipe: Readable, spoke = () => {}): void {
  const keep = () => {
    if (pipe.readableLength > 0) spoke()
  }
  let isClosed = false
  pipe.once('close', () => {
    isClosed = true
  })
  pipe.on('readable', keep)
  pipe.on('newListener', (event, listener) => {
    if (event === 'data') pipe.off('readable', keep)
    if (event === 'close' && isClosed) process.nextTick(listener)
  })
}
