/** Looks for bytes where none may be: in the memory of processes, in what /proc shows of them, and in files. */
import { closeSync, openSync, readdirSync, readlinkSync, readSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import { isGone } from './identity.ts'
import { heldParts, type Region } from './pages.ts'
import { listPids, readProc } from './proc.ts'

const chunkBytes = 4 * 1024 * 1024

/** What was looked at, and how often it was found there. */
export interface Traces {
  readonly bytes: number
  readonly hits: number
}

export const noTraces: Traces = { bytes: 0, hits: 0 }

export function sumOf(all: readonly Traces[]): Traces {
  return all.reduce((sum, one) => ({ bytes: sum.bytes + one.bytes, hits: sum.hits + one.hits }), noTraces)
}

/** What is shorter is in memory by chance. */
const leastCharacters = 6

/**
 * The forms in which a value would be found: as it is, as UTF-16, hex in both cases, and base64 wherever it begins, where
 * enough of that is the value's alone.
 */
export function formsOf(value: Uint8Array): readonly Buffer[] {
  const whole = Buffer.from(value)
  const base64 = [0, 1, 2].map((shift) => {
    const triples = whole.subarray(shift, whole.length - ((whole.length - shift) % 3))
    return Buffer.from(triples.toString('base64'))
  })
  const hex = whole.toString('hex')
  const all = [
    whole,
    Buffer.from(whole.toString('latin1'), 'utf16le'),
    Buffer.from(hex),
    Buffer.from(hex.toUpperCase()),
  ]
  return [...all, ...base64.filter(({ length }) => length >= leastCharacters)]
}

/** What this process can read of another's memory. */
export function tracesInMemory(pid: number, forms: readonly Buffer[]): Traces {
  const memory = openSync(`/proc/${pid}/mem`, 'r')
  try {
    const held = heldParts(pid, regionsOf(pid))
    return sumOf(held.map(({ start, end }) => tracesIn(memory, start, end, forms)))
  } finally {
    closeSync(memory)
  }
}

/** The same of one that may have ended meanwhile, and then has no memory. */
export function tracesInDescendant(pid: number, forms: readonly Buffer[]): Traces {
  try {
    return tracesInMemory(pid, forms)
  } catch (error) {
    if (isGone(pid)) return noTraces
    throw error
  }
}

/** Of a file that is gone, nothing. */
export function tracesInFile(path: string, forms: readonly Buffer[]): Traces {
  let file: number
  try {
    if (!statSync(path).isFile()) return noTraces
    file = openSync(path, 'r')
  } catch {
    return noTraces
  }
  try {
    return tracesIn(file, 0, Number.POSITIVE_INFINITY, forms)
  } finally {
    closeSync(file)
  }
}

/** The files below a directory, links not followed, of which `wanted` says yes. */
export function filesBelow(
  directory: string,
  wanted: (path: string, stats: () => Stats) => boolean = () => true,
): string[] {
  const found: string[] = []
  const pending = [directory]
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    for (const entry of entriesOf(at)) {
      const path = join(at, entry.name)
      if (entry.isDirectory()) pending.push(path)
      else if (entry.isFile() && isWanted(path, wanted)) found.push(path)
    }
  }
  return found
}

function entriesOf(directory: string) {
  try {
    return readdirSync(directory, { withFileTypes: true })
  } catch {
    return []
  }
}

function isWanted(path: string, wanted: (path: string, stats: () => Stats) => boolean): boolean {
  try {
    return wanted(path, () => statSync(path))
  } catch {
    return false
  }
}

/** The environment and the command line of every process but this one. */
export function tracesInProc(forms: readonly Buffer[]): Traces {
  const texts = listPids()
    .filter((pid) => pid !== process.pid)
    .flatMap((pid) => ['environ', 'cmdline'].map((name) => readProc(`/proc/${pid}/${name}`) ?? ''))
  return sumOf(texts.map((text) => tracesInBytes(Buffer.from(text, 'latin1'), forms)))
}

export function tracesInBytes(bytes: Buffer, forms: readonly Buffer[]): Traces {
  return { bytes: bytes.length, hits: forms.reduce((sum, form) => sum + count(bytes, form, 0), 0) }
}

/** The processes that an orchestrator has started and that live, those that they have started included. */
export function descendantsOf(pid: number): number[] {
  const children = Map.groupBy(listPids(), parentOf)
  const below = (parent: number): number[] => (children.get(parent) ?? []).flatMap((child) => [child, ...below(child)])
  return below(pid).filter((one) => !isGone(one))
}

function parentOf(pid: number): number {
  const text = readProc(`/proc/${pid}/stat`) ?? ''
  return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1] ?? 0)
}

/** The plain files that a process writes its log to. */
export function outputsOf(pid: number): string[] {
  const paths = [1, 2].flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${fd}`)]
    } catch {
      return []
    }
  })
  return [...new Set(paths)].filter((path) => path.startsWith('/') && !path.startsWith('/dev/'))
}

function regionsOf(pid: number): readonly Region[] {
  return (readProc(`/proc/${pid}/maps`) ?? '')
    .split('\n')
    .filter((line) => /^\S+ r/.test(line) && !isOfFile(line))
    .map((line) => {
      const [start = '', end = ''] = line.split(/[- ]/)
      return { start: Number.parseInt(start, 16), end: Number.parseInt(end, 16) }
    })
}

/** What is mapped from a file and cannot be written is as the file is; the kernel's own places cannot be read. */
function isOfFile(line: string): boolean {
  return /^\S+ r-.*( \/|\[v)/.test(line)
}

function tracesIn(file: number, start: number, end: number, forms: readonly Buffer[]): Traces {
  // What lies across two chunks is found in the second: it begins with the end of the first.
  const overlap = Math.max(...forms.map((form) => form.length)) - 1
  const chunk = Buffer.alloc(Math.min(chunkBytes, end - start) + overlap)
  let [hits, bytes] = [0, 0]
  for (let at = start, kept = 0; at < end; ) {
    const read = readOrSkip(file, chunk, kept, Math.min(chunkBytes, end - at), at)
    if (read === 0) break
    const held = chunk.subarray(0, kept + read)
    for (const form of forms) hits += count(held, form, kept)
    kept = Math.min(overlap, held.length)
    held.copyWithin(0, held.length - kept)
    at += read
    bytes += read
  }
  // It would be found here the next time.
  chunk.fill(0)
  return { bytes, hits }
}

function readOrSkip(file: number, into: Buffer, offset: number, length: number, at: number): number {
  try {
    return readSync(file, into, offset, length, at)
  } catch {
    // Mapped, and not there: the process freed it meanwhile, or it is a device's.
    return 0
  }
}

/** Those that end behind `from`: the others were counted with the chunk before. */
function count(held: Buffer, form: Buffer, from: number): number {
  let hits = 0
  for (let at = held.indexOf(form); at >= 0; at = held.indexOf(form, at + 1)) if (at + form.length > from) hits++
  return hits
}
