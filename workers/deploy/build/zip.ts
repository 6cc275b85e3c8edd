/** Packs a package, and refuses one that Salesforce would refuse: before anybody waits for its upload. */
import { createHash } from 'node:crypto'
import { crc32, deflateRawSync } from 'node:zlib'
import { Zip, type ZipInputFile } from 'fflate'
import { FatalError } from '../../errors/steering.ts'
import type { Entry } from './entries.ts'

export interface Limits {
  readonly files: number
  readonly zipBytes: number
  readonly unzippedBytes: number
}

const MiB = 1024 * 1024

/** What Salesforce takes; of the zip 39 MB, since it may have 50 as base64. */
export const salesforceLimits: Limits = { files: 10_000, zipBytes: 39 * MiB, unzippedBytes: 600 * MiB }

export interface Packed {
  readonly bytes: Uint8Array
  readonly files: number
  readonly unzippedBytes: number
  /** Hexadecimal; the same for the same files. */
  readonly sha256: string
  readonly contents: readonly PackedFile[]
}

export interface PackedFile {
  readonly path: string
  readonly bytes: number
  readonly sha256: string
}

/** Two packages of the same files are the same, whenever they are packed. */
const mtime = new Date(2000, 0, 1)
const level = 6
/** As a zip numbers its ways to compress. */
const deflated = 8

/** One file is in memory at a time, beside what is packed. Throws FatalError above a limit. */
export function zipOf(entries: readonly Entry[], limits: Limits = salesforceLimits): Packed {
  if (entries.length > limits.files) throw tooMany(entries.length, limits.files)
  const chunks: Uint8Array[] = []
  const contents: PackedFile[] = []
  let [zipBytes, unzippedBytes] = [0, 0]
  const zip = new Zip((error, chunk) => {
    if (error) throw error
    zipBytes += chunk.length
    if (zipBytes > limits.zipBytes) throw tooLarge('packed', limits.zipBytes)
    chunks.push(chunk)
  })
  for (const { path, read } of [...entries].sort(byPath)) {
    const bytes = read()
    unzippedBytes += bytes.length
    if (unzippedBytes > limits.unzippedBytes) throw tooLarge('unpacked', limits.unzippedBytes)
    contents.push({ path, bytes: bytes.length, sha256: sha256Of(bytes) })
    add(zip, path, bytes)
  }
  zip.end()
  const bytes = Buffer.concat(chunks)
  return { bytes, files: entries.length, unzippedBytes, sha256: sha256Of(bytes), contents }
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Node deflates several times as fast as the library, which writes the rest. */
function add(zip: Zip, filename: string, bytes: Uint8Array): void {
  const file: ZipInputFile = { filename, compression: deflated, mtime, size: bytes.length, crc: crc32(bytes) }
  zip.add(file)
  file.ondata?.(null, deflateRawSync(bytes, { level }), true)
}

function byPath(one: Entry, other: Entry): number {
  return one.path < other.path ? -1 : 1
}

const advice = 'deploy it in parts, with include or packageDirectories'

function tooMany(files: number, most: number): Error {
  const count = (number: number) => number.toLocaleString('en-US')
  return new FatalError(
    `the package has ${count(files)} files, and Salesforce takes ${count(most)} at once: ${advice}`,
    {
      code: 'TOO_BIG',
    },
  )
}

function tooLarge(how: string, mostBytes: number): Error {
  const most = Math.floor(mostBytes / MiB)
  return new FatalError(`the package is above ${most} MiB ${how}, more than Salesforce takes at once: ${advice}`, {
    code: 'TOO_BIG',
  })
}
