import type { Dirent } from 'node:fs'
import { lstat, opendir } from 'node:fs/promises'
import { openFor } from './closed.ts'

/** What files take, as far as it was counted. */
export interface Measured {
  /** On disk. */
  readonly bytes: number
  /** Of the largest file, holes included. */
  readonly largestBytes: number
  /** There is more that cannot be counted: too many entries, or nested too deeply. */
  readonly isHidden: boolean
}

export const nothing: Measured = { bytes: 0, largestBytes: 0, isHidden: false }

/** A walk takes some 20 µs for each: more would make it last longer than the time between two. */
const maxEntries = 200_000
/** Longer paths are no paths: what lies deeper could only be reached step by step. */
const maxPathBytes = 4_000

/** Adds up everything below a directory, links not followed; stops counting above `atMostBytes`. */
export async function measureTree(path: string, atMostBytes: number, mostEntries = maxEntries): Promise<Measured> {
  const root = await lstat(path).catch(() => undefined)
  if (root && !root.isDirectory()) return { ...nothing, isHidden: true }
  let measured = nothing
  let entries = 0
  const linked = new Set<string>()
  for await (const below of walk(Buffer.from(path))) {
    measured = await withOne(measured, below, linked)
    entries++
    if (below.length > maxPathBytes || entries >= mostEntries) measured = { ...measured, isHidden: true }
    if (measured.bytes > atMostBytes || measured.isHidden) break
  }
  return measured
}

/** Two places as one. */
export function together(one: Measured, other: Measured): Measured {
  return {
    bytes: one.bytes + other.bytes,
    largestBytes: Math.max(one.largestBytes, other.largestBytes),
    isHidden: one.isHidden || other.isHidden,
  }
}

/** A file of several names counts once: `linked` holds those that did. */
async function withOne(measured: Measured, path: Buffer, linked: Set<string>): Promise<Measured> {
  const stat = await lstat(path).catch(() => undefined)
  if (!stat) return measured
  if (stat.isFile() && stat.nlink > 1) {
    const file = `${stat.dev} ${stat.ino}`
    if (linked.has(file)) return measured
    linked.add(file)
  }
  const largestBytes = stat.isFile() ? Math.max(measured.largestBytes, stat.size) : measured.largestBytes
  return { ...measured, bytes: measured.bytes + stat.blocks * blockBytes, largestBytes }
}

/** Every path below a directory, links not followed. What vanishes meanwhile is passed over. */
async function* walk(directory: Buffer): AsyncGenerator<Buffer> {
  const closeAgain = await openFor(directory)
  try {
    const entries = await entriesOf(directory).catch(() => undefined)
    for await (const entry of entries ?? []) {
      const path = Buffer.concat([directory, slash, entry.name])
      yield path
      if (entry.isDirectory()) yield* walk(path)
    }
  } finally {
    await closeAgain()
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
