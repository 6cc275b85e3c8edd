/** Files of a backup: packed, encrypted and hashed on their way to the disk, and back. */
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, open, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable, Transform, type TransformCallback } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { FatalError } from '../errors/steering.ts'
import { isInside, isReallyInside } from '../sources/inside.ts'
import { decrypting, encrypting } from './cipher.ts'
import type { StoredFile } from './manifest.ts'

export interface Wrapping {
  readonly gzip: boolean
  /** Null: not encrypted. */
  readonly key: Uint8Array | null
}

/** What is added to a file's name, in the order in which it was wrapped. */
export function endingOf({ gzip, key }: Wrapping): string {
  return `${gzip ? '.gz' : ''}${key ? '.enc' : ''}`
}

/** Whole and on disk when this resolves, under its name only then. `path` is inside `root` and gets its ending. */
export async function writeSealed(
  source: Readable | Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>,
  root: string,
  path: string,
  wrapping: Wrapping,
  signal?: AbortSignal,
): Promise<StoredFile> {
  const stored = `${path}${endingOf(wrapping)}`
  const place = join(root, stored)
  await mkdir(dirname(place), { recursive: true, mode: 0o700 })
  const meter = new Meter()
  const steps = [
    ...(wrapping.gzip ? [createGzip({ level: 4 })] : []),
    ...(wrapping.key ? [encrypting(wrapping.key)] : []),
  ]
  const temporary = `${place}.part`
  const file = createWriteStream(temporary, { mode: 0o600, flush: true })
  const begin = source instanceof Readable ? source : Readable.from(source)
  await pipeline([begin, ...steps, meter, file] as readonly NodeJS.ReadableStream[], { signal })
  await rename(temporary, place)
  await syncDirectory(dirname(place))
  return { path: stored, ...meter.measured() }
}

class Meter extends Transform {
  readonly #hash = createHash('sha256')
  #bytes = 0

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#hash.update(chunk)
    this.#bytes += chunk.length
    done(null, chunk)
  }

  measured() {
    return { bytes: this.#bytes, sha256: this.#hash.digest('hex') }
  }
}

/** Where it lies. A backup may have come from elsewhere: no name in it and no link leads to what is not its own. */
export function placeIn(root: string, path: string): string {
  const place = join(root, path)
  if (isInside(place, root) && isReallyInside(place, root)) return place
  throw new FatalError(`${path} leads out of the backup`, { code: 'BACKUP_DAMAGED' })
}

/** Its content as it was. */
export function readSealed(root: string, { path }: Pick<StoredFile, 'path'>, key: Uint8Array | null): Readable {
  const steps: Transform[] = []
  if (path.endsWith('.enc')) {
    if (!key) throw new Error(`${path} is encrypted: give the secret encryption that it was made with`)
    steps.push(decrypting(key))
  }
  if (/\.gz(?:\.enc)?$/.test(path)) steps.push(createGunzip())
  let stream: Readable = createReadStream(placeIn(root, path))
  for (const step of steps) {
    const before = stream
    before.once('error', (error) => step.destroy(error))
    // Who stops reading early leaves no open file behind.
    step.once('close', () => before.destroy())
    stream = before.pipe(step)
  }
  return stream
}

/** What lies on the disk now. */
export async function measure(root: string, path: string, signal?: AbortSignal): Promise<StoredFile> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of createReadStream(placeIn(root, path), { signal, highWaterMark: 256 * 1024 })) {
    hash.update(chunk as Buffer)
    bytes += (chunk as Buffer).length
  }
  return { path, bytes, sha256: hash.digest('hex') }
}

/** The names in it last through a crash of the machine. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
