/**
 * A way for another process to hand us a secret. The pipes of `child_process` read into memory that is not ours and leave
 * a copy there (measured); a socket that was told its buffer reads into that one and nowhere else.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zeroable } from '../system/zeroable.ts'

const chunkBytes = 16 * 1024
/** Of a socket, on any system of ours. */
const mostPathBytes = 103

export interface OwnPipe {
  /** For the other process: pass it on, then destroy it. */
  readonly writeEnd: Socket
  /** Resolves when everybody has closed the other end, or when nobody is read any more. */
  readonly ended: Promise<void>
  /** No more than was asked for has come. */
  readonly isWithin: () => boolean
  /** All that came, in a buffer that is the caller's to wipe. */
  take(): Buffer
  /** Reads nothing more, and wipes what was not taken. */
  close(): void
}

/** Takes so many bytes at most. */
export async function openOwnPipe(maxBytes: number): Promise<OwnPipe> {
  const chunk = zeroable(chunkBytes)
  const received = zeroable(maxBytes)
  let length = 0
  const onread = {
    buffer: chunk,
    callback(bytes: number) {
      if (length + bytes <= maxBytes) received.set(chunk.subarray(0, bytes), length)
      length += bytes
      chunk.fill(0, 0, bytes)
      if (length > maxBytes) reader.destroy()
      return true
    },
  }
  const { reader, writeEnd } = await connected(onread)
  const ended = new Promise<void>((resolve) => reader.once('close', () => resolve()))
  let isTaken = false
  return {
    writeEnd,
    ended,
    isWithin: () => length <= maxBytes,
    take() {
      isTaken = true
      return received.subarray(0, length)
    },
    close() {
      writeEnd.destroy()
      reader.destroy()
      chunk.fill(0)
      if (!isTaken) received.fill(0)
    },
  }
}

type OnRead = { readonly buffer: Buffer; readonly callback: (bytes: number) => boolean }

/** Two ends of one connection, over a socket in a directory that nobody else can enter. */
async function connected(onread: OnRead): Promise<{ reader: Socket; writeEnd: Socket }> {
  const directory = mkdtempSync(join(tmpdir(), 'mayfly-pipe-'))
  const path = join(directory, 's')
  const server = createServer({ pauseOnConnect: true })
  try {
    if (Buffer.byteLength(path) > mostPathBytes) {
      throw new Error(`no socket can be made in ${tmpdir()}, whose path is too long: set TMPDIR to a shorter one`)
    }
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(path, resolve)
    })
    const accepted = new Promise<Socket>((resolve, reject) => {
      server.once('connection', resolve).once('error', reject)
    })
    accepted.catch(() => {})
    const reader = connect({ path, onread })
    const lost = new Promise<never>((_, reject) => reader.once('error', reject))
    const writeEnd = await Promise.race([accepted, lost])
    lost.catch(() => {})
    for (const end of [reader, writeEnd]) end.on('error', () => {})
    return { reader, writeEnd }
  } finally {
    server.close()
    rmSync(directory, { recursive: true, force: true })
  }
}
