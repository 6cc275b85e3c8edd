/** Which pages of another process's memory hold anything: most of what it has mapped it has never touched. */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs'

export interface Region {
  readonly start: number
  readonly end: number
}

/** One entry of `/proc/PID/pagemap` a page; its two highest bits say that the page is in memory or was swapped out. */
const entryBytes = 8
const heldBits = 0xc0

/** The parts of these regions that hold anything; where the kernel does not tell, all of them. */
export function heldParts(pid: number, regions: readonly Region[]): readonly Region[] {
  const pageBytes = bytesOfPage()
  const pagemap = pageBytes === undefined ? undefined : open(`/proc/${pid}/pagemap`)
  if (pagemap === undefined || pageBytes === undefined) return regions
  try {
    return regions.flatMap((region) => partsOf(region, pagemap, pageBytes) ?? [region])
  } finally {
    closeSync(pagemap)
  }
}

/** Undefined where the kernel tells only a part. */
function partsOf({ start, end }: Region, pagemap: number, pageBytes: number): readonly Region[] | undefined {
  const entries = Buffer.alloc(((end - start) / pageBytes) * entryBytes)
  if (!readAll(pagemap, entries, (start / pageBytes) * entryBytes)) return undefined
  const parts: Region[] = []
  for (let page = start, from: number | undefined; page <= end; page += pageBytes) {
    const top = ((page - start) / pageBytes) * entryBytes + entryBytes - 1
    const isHeld = page < end && ((entries[top] ?? 0) & heldBits) !== 0
    if (isHeld) from ??= page
    else if (from !== undefined) {
      parts.push({ start: from, end: page })
      from = undefined
    }
  }
  return parts
}

function readAll(file: number, into: Buffer, position: number): boolean {
  try {
    for (let at = 0; at < into.length; ) {
      const read = readSync(file, into, at, into.length - at, position + at)
      if (read === 0) return false
      at += read
    }
    return true
  } catch {
    return false
  }
}

function open(path: string): number | undefined {
  try {
    return openSync(path, 'r')
  } catch {
    return undefined
  }
}

/** What the kernel told this process at its start (AT_PAGESZ), in pairs of a name and a value. */
function bytesOfPage(): number | undefined {
  const pageSizeName = 6n
  try {
    const pairs = readFileSync('/proc/self/auxv')
    for (let at = 0; at + 16 <= pairs.length; at += 16) {
      if (pairs.readBigUInt64LE(at) === pageSizeName) return Number(pairs.readBigUInt64LE(at + 8))
    }
  } catch {
    // No Linux, or no /proc.
  }
  return undefined
}
