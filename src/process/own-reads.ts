/**
 * The pipes of `child_process` read into memory that is not ours and leave a copy there (measured). A socket that was told
 * its buffer reads into that one and nowhere else: here all of them have the same, which holds nothing between two reads.
 */
import { Socket, type SocketConstructorOpts } from 'node:net'
import { zeroable, zeroableCopy } from '../system/zeroable.ts'

const chunk = zeroable(64 * 1024)

/**
 * The same pipe, whose chunks nobody finds who wipes them; nothing of it may have been read yet. Whoever listens for them
 * wipes each; what nobody has taken when it is closed is wiped here.
 */
export function readIntoOurs(pipe: Socket): Socket {
  const place = pipe as unknown as { _handle: object | null }
  const handle = place._handle
  if (!handle) return pipe
  place._handle = null
  pipe.destroy()
  const callback = (bytes: number) => {
    const own = zeroableCopy(chunk.subarray(0, bytes))
    chunk.fill(0, 0, bytes)
    return reader.push(own)
  }
  // No more than one chunk waits for its reader: of several Node would make one, a copy that nobody else has.
  const options = { handle, readable: true, highWaterMark: 1, onread: { buffer: chunk, callback } }
  const reader = new Socket(options as SocketConstructorOpts)
  reader.once('close', () => reader.read()?.fill(0))
  return reader
}
