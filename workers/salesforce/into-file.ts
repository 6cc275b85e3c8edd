import { type FileHandle, open } from 'node:fs/promises'

/** Fewer and larger writes than bytes come in: those take a tenth of the CPU. */
const atOnceBytes = 1024 * 1024

/**
 * Writes what comes into a file from `offset` on, while more comes; whatever stood behind is cut off first. Returns the
 * size of the file.
 */
export async function writeInto(file: string, offset: number, source: AsyncIterable<Uint8Array>): Promise<number> {
  const handle = await open(file, offset === 0 ? 'w' : 'r+')
  let written: Promise<unknown> = Promise.resolve()
  try {
    if (offset > 0) await handle.truncate(offset)
    let at = offset
    for await (const batch of batches(source)) {
      await written
      written = writeAll(handle, batch, at)
      // Whoever waits for it hears of it.
      written.catch(() => {})
      at += batch.length
    }
    await written
    return at
  } finally {
    await written.catch(() => {})
    await handle.close()
  }
}

async function* batches(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let [parts, bytes]: [Uint8Array[], number] = [[], 0]
  for await (const part of source) {
    parts.push(part)
    bytes += part.length
    if (bytes < atOnceBytes) continue
    yield Buffer.concat(parts, bytes)
    parts = []
    bytes = 0
  }
  if (bytes > 0) yield Buffer.concat(parts, bytes)
}

async function writeAll(handle: FileHandle, batch: Buffer, at: number): Promise<void> {
  for (let done = 0; done < batch.length; ) {
    const { bytesWritten } = await handle.write(batch, done, batch.length - done, at + done)
    done += bytesWritten
  }
}
