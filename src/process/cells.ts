/**
 * Cells: a control group for each worker. In it the kernel holds all its processes to their memory and their number,
 * whatever they do, and ends them together; and it counts what they came to. With v2 of control groups one directory
 * does all of it, with v1 there is one for the memory and one for the numbers.
 */
import { mkdirSync, readdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where groups can be made: directories of control groups that hold this process, the same one twice with v2. */
export interface Grounds {
  readonly version: 1 | 2
  readonly memory: string
  readonly pids: string
}

export interface CellBounds {
  readonly memoryMiB: number
  /** Processes and threads. */
  readonly tasks: number
}

/** What a cell came to so far. */
export interface CellFigures {
  /** Of all memory that was charged to it, files that it had looked at and the kernel's own for it included. */
  readonly peakMiB: number
  /** Processes that the kernel ended for want of memory in the cell. */
  readonly outOfMemory: number
  /** Processes and threads that the kernel did not start. */
  readonly refused: number
}

interface Files {
  readonly memory: string
  readonly peak: string
  readonly ended: string
  /** Beside the limit, as far as the kernel has them: nothing of a task is swapped, where others might find it. */
  readonly noSwap: readonly (readonly [file: string, value: (bytes: string) => string])[]
}

const filesOf: Readonly<Record<Grounds['version'], Files>> = {
  1: {
    memory: 'memory.limit_in_bytes',
    peak: 'memory.max_usage_in_bytes',
    ended: 'memory.oom_control',
    noSwap: [
      ['memory.swappiness', () => '0'],
      ['memory.memsw.limit_in_bytes', (bytes) => bytes],
    ],
  },
  2: { memory: 'memory.max', peak: 'memory.peak', ended: 'memory.events', noSwap: [['memory.swap.max', () => '0']] },
}

const bytesPerMiB = 1024 ** 2

export class Cells {
  readonly #grounds: Grounds
  readonly #name: string

  /** All of one server are below a group of this name. */
  constructor(grounds: Grounds, name: string) {
    this.#grounds = grounds
    this.#name = name
  }

  /** Throws when groups cannot be made here. */
  open(): void {
    const { version, memory, pids } = this.#grounds
    if (version === 2) handDown(memory)
    for (const place of new Set([memory, pids])) mkdirSync(join(place, this.#name), { recursive: true })
    if (version === 2) handDown(join(memory, this.#name))
  }

  /** Throws when the kernel does not take a limit: nothing is left of it then. */
  create(worker: string, { memoryMiB, tasks }: CellBounds): Cell {
    const cell = this.of(worker)
    const files = filesOf[this.#grounds.version]
    const bytes = String(Math.floor(memoryMiB * bytesPerMiB))
    try {
      for (const place of cell.places) mkdirSync(place, { recursive: true })
      writeFileSync(join(cell.memory, files.memory), bytes)
      for (const [file, value] of files.noSwap) ifThere(() => writeFileSync(join(cell.memory, file), value(bytes)))
      writeFileSync(join(cell.pids, 'pids.max'), String(tasks))
      return cell
    } catch (error) {
      cell.remove()
      throw error
    }
  }

  /** Workers whose cells are there, also those of an earlier start. */
  leftover(): string[] {
    const { memory, pids } = this.#grounds
    const names = [memory, pids].flatMap((place) => ifThere(() => subdirectories(join(place, this.#name))) ?? [])
    return [...new Set(names)]
  }

  /** When no worker is left. */
  close(): void {
    const { memory, pids } = this.#grounds
    for (const place of new Set([memory, pids])) ifThere(() => rmdirSync(join(place, this.#name)))
  }

  of(worker: string): Cell {
    const { version, memory, pids } = this.#grounds
    return new Cell(join(memory, this.#name, worker), join(pids, this.#name, worker), filesOf[version])
  }
}

const firstRestMs = 1
const longestRestMs = 100

export class Cell {
  readonly memory: string
  readonly pids: string
  readonly #files: Files
  /** Before its end, which makes the kernel refuse more. */
  #refused: number | undefined

  constructor(memory: string, pids: string, files: Files) {
    this.memory = memory
    this.pids = pids
    this.#files = files
  }

  get places(): readonly string[] {
    return [...new Set([this.memory, this.pids])]
  }

  /** Whoever writes 0 to all of these is in it, with all that it starts. */
  get doors(): readonly string[] {
    return this.places.map((place) => join(place, 'cgroup.procs'))
  }

  figures(): CellFigures {
    const { peak, ended } = this.#files
    const current = read(join(this.memory, 'memory.current'))
    return {
      peakMiB: Number(read(join(this.memory, peak)) || current) / bytesPerMiB,
      outOfMemory: count('oom_kill', read(join(this.memory, ended))),
      refused: this.#refused ?? count('max', read(join(this.pids, 'pids.events'))),
    }
  }

  /** Ends all that are in it, those too that are just being started. */
  kill(): void {
    this.#refused ??= this.figures().refused
    if (ifThere(() => writeFileSync(join(this.pids, 'cgroup.kill'), '1', { flag: 'r+' }) ?? true)) return
    // None of them can start another one then, so that those who are there now are all there will be.
    ifThere(() => writeFileSync(join(this.pids, 'pids.max'), '0', { flag: 'r+' }))
    for (const pid of ifThere(() => this.#inside()) ?? []) ifThere(() => process.kill(pid, 'SIGKILL'))
  }

  /** Kills until nobody is in it any more; false when somebody is after so long. */
  async emptied(deadlineMs = Number.POSITIVE_INFINITY): Promise<boolean> {
    const deadline = performance.now() + deadlineMs
    for (let restMs = firstRestMs; !this.#isEmpty(); restMs = Math.min(restMs * 2, longestRestMs)) {
      if (performance.now() > deadline) return false
      this.kill()
      await new Promise((resolve) => setTimeout(resolve, restMs))
    }
    return true
  }

  /** False when somebody is in it still. */
  remove(): boolean {
    for (const place of this.places) ifThere(() => rmdirSync(place))
    return this.places.every((place) => !mayBeThere(place))
  }

  /** Without descriptors nobody can be seen, and that must not pass for nobody being there. */
  #isEmpty(): boolean {
    try {
      return this.#inside().length === 0
    } catch {
      return false
    }
  }

  /** Throws when it is there and cannot be read. */
  #inside(): readonly number[] {
    const members = this.places.map((place) => join(place, 'cgroup.procs'))
    const pids = members.filter(mayBeThere).flatMap((file) => readFileSync(file, 'latin1').split('\n'))
    return [...new Set(pids.map(Number).filter((pid) => pid > 0))]
  }
}

/** A name that no worker has. */
const ours = 'mayfly-itself'
const wanted = '+memory +pids'

/**
 * Has the groups below this one counted apart. With v2 the kernel does that only for one that has no processes itself:
 * they go into one below it.
 */
function handDown(group: string): void {
  const control = join(group, 'cgroup.subtree_control')
  try {
    writeFileSync(control, wanted)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw error
    mkdirSync(join(group, ours), { recursive: true })
    for (const pid of read(join(group, 'cgroup.procs')).split('\n').filter(Boolean))
      ifThere(() => writeFileSync(join(group, ours, 'cgroup.procs'), pid))
    writeFileSync(control, wanted)
  }
}

/** The group that was made for our own processes, seen from inside, is not where others are to be made. */
export function aboveOurs(group: string): string {
  return group.endsWith(`/${ours}`) ? group.slice(0, -ours.length - 1) : group
}

function subdirectories(path: string): string[] {
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
}

function mayBeThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined
  } catch {
    return true
  }
}

/** What `NAME NUMBER` says in a line. */
function count(name: string, text: string): number {
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0)
}

function read(path: string): string {
  return ifThere(() => readFileSync(path, 'latin1')) ?? ''
}

/** Undefined for what is not there, or not any more. */
function ifThere<T>(call: () => T): T | undefined {
  try {
    return call()
  } catch {
    return undefined
  }
}
