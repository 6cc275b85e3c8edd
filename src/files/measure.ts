import type { Dirent } from 'node:fs'
import { lstat, opendir } from 'node:fs/promises'

/** Bytes on disk of everything below a directory, links not followed; stops counting above `atMostBytes`. */
export async function measureTree(path: string, atMostBytes: number): Promise<number> {
  let bytes = 0
  for await (const below of walk(Buffer.from(path))) {
    bytes += await bytesOf(below)
    if (bytes > atMostBytes) break
  }
  return bytes
}

/** Every path below a directory, links not followed. What vanishes meanwhile is passed over. */
async function* walk(directory: Buffer): AsyncGenerator<Buffer> {
  const entries = await entriesOf(directory).catch(() => undefined)
  if (!entries) return
  for await (const entry of entries) {
    const path = Buffer.concat([directory, slash, entry.name])
    yield path
    if (entry.isDirectory()) yield* walk(path)
  }
}

/** With names as bytes, because they need not be text. */
async function entriesOf(directory: Buffer): Promise<AsyncIterable<Dirent<Buffer>>> {
  // Node's types do not know of this encoding, though Node does.
  const entries: unknown = await opendir(directory, { encoding: 'buffer' as BufferEncoding })
  return entries as AsyncIterable<Dirent<Buffer>>
}

const slash = Buffer.from('/')
const blockBytes = 512

async function bytesOf(path: Buffer): Promise<number> {
  const stat = await lstat(path).catch(() => undefined)
  return stat ? stat.blocks * blockBytes : 0
}
