import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import type { Transform } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { Parser } from 'tar/parse'
import type { ReadEntry } from 'tar/read-entry'
import type { Destination } from './destination.ts'
import type { Meter } from './meter.ts'
import { shown, Unpackable } from './refuse.ts'

export type Compression = 'none' | 'gzip' | 'zstd'

const decompressors: Readonly<Record<Exclude<Compression, 'none'>, () => Transform>> = {
  gzip: createGunzip,
  zstd: createZstdDecompress,
}

/** Reads a tar from its beginning to its end; of the library only its parser is used, which touches no disk. */
export async function unpackTar(
  file: string,
  compression: Compression,
  destination: Destination,
  meter: Meter,
): Promise<void> {
  const failure = Promise.withResolvers<never>()
  failure.promise.catch(() => {})
  let work = Promise.resolve()
  const parser = new Parser({ strict: true })
  parser.on('error', failure.reject)
  parser.on('ignoredEntry', (entry) => failure.reject(unknownType(entry)))
  parser.on('entry', (entry) => {
    work = work.then(() => take(entry, destination))
    work.catch(failure.reject)
  })
  let isAtEnd = false
  parser.on('eof', () => {
    isAtEnd = true
  })
  const ended = once(parser, 'end')
  ended.catch(() => {})
  for await (const chunk of read(file, compression)) {
    if (compression !== 'none') meter.addPassing(chunk.length)
    if (!parser.write(chunk)) await Promise.race([once(parser, 'drain'), failure.promise])
    // What follows the end is nobody's, and there may be very much of it.
    if (isAtEnd) break
  }
  parser.end()
  await Promise.race([ended, failure.promise])
  await work
}

async function* read(file: string, compression: Compression): AsyncGenerator<Buffer> {
  const source = createReadStream(file)
  if (compression === 'none') return yield* source
  const plain = decompressors[compression]()
  source.on('error', (error) => plain.destroy(error))
  // Whoever reads hears of it; it may also come when nobody reads any more.
  plain.on('error', () => {})
  try {
    yield* source.pipe(plain)
  } finally {
    source.destroy()
  }
}

async function take(entry: ReadEntry, destination: Destination): Promise<void> {
  switch (entry.type) {
    case 'File':
    case 'OldFile':
    case 'ContiguousFile':
      // Before there was a type for them, directories were files with a slash at the end.
      if (entry.path.endsWith('/')) break
      return destination.file(entry.path, ((entry.mode ?? 0) & 0o100) !== 0, entry)
    case 'Directory':
    case 'GNUDumpDir':
      break
    case 'SymbolicLink':
      destination.link(entry.path, entry.linkpath ?? '')
      entry.resume()
      return
    default:
      throw unknownType(entry)
  }
  destination.directory(entry.path)
  entry.resume()
}

const typeNames: Readonly<Record<string, string>> = {
  Link: 'a hard link',
  FIFO: 'a FIFO',
  CharacterDevice: 'a device',
  BlockDevice: 'a device',
}

function unknownType({ path, type }: ReadEntry): Unpackable {
  const what = typeNames[type] ?? 'of a type that is not read here'
  return new Unpackable(
    `the archive is refused: its entry ${shown(path)} is ${what}; pack files, directories and links`,
  )
}
