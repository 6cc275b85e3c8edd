import { flushMs, Masker } from '../src/mask/masker.ts'
import { needles } from './needles.ts'

type Written = string | Uint8Array
type Done = (error?: Error | null) => void
type Write = (chunk: Written, encoding?: BufferEncoding | Done, done?: Done) => boolean

/** What is written to, of a stream. */
export interface Writable {
  write: Write
}

/**
 * Masks what is written from now on, so that a secret does not even reach the orchestrator. A task may come to know
 * secrets at any time: without any, everything is passed on as it is. Returns what is to be called at the end.
 */
export function maskWrites(stream: Writable): () => void {
  const masker = new Masker(needles)
  const write = stream.write.bind(stream) as Write
  let timer: NodeJS.Timeout | undefined
  const show = (bytes: Buffer) => {
    if (bytes.length > 0) write(bytes)
  }
  stream.write = (chunk, encoding, done) => {
    if (needles.areNone || !(typeof chunk === 'string' || chunk instanceof Uint8Array))
      return write(chunk, encoding, done)
    clearTimeout(timer)
    const written = write(masker.push(toBytes(chunk, encoding)), typeof encoding === 'function' ? encoding : done)
    if (masker.isHolding) timer = setTimeout(() => show(masker.flush()), flushMs).unref()
    return written
  }
  return () => show(masker.end())
}

function toBytes(chunk: Written, encoding: BufferEncoding | Done | undefined): Buffer {
  if (typeof chunk !== 'string') return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  return Buffer.from(chunk, typeof encoding === 'string' ? encoding : 'utf8')
}
