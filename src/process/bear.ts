import { isMainThread } from 'node:worker_threads'
import { AT_ONCE } from '../protocol/frame.ts'
import { MARKER } from './census.ts'
import { descriptorsOf, STATUS_FD } from './descriptors.ts'
import { FirstProcess } from './first.ts'
import { readStat } from './identity.ts'
import {
  type InMemory,
  type Isolation,
  inMemory,
  LIMITED,
  type Network,
  type ProcessLimits,
  type Walls,
  type Workspace,
} from './isolation.ts'
import { leanNode } from './lean-node.ts'
import type { Machine } from './machine.ts'
import { readerOf, writerOf } from './pipe-ends.ts'
import type { Slot } from './slots.ts'
import type { PipeEnd, Spawn, Spawned } from './spawn.ts'
import { type Pipes, Worker } from './worker.ts'

/** What is fixed when a worker is born; it learns its task later. */
export interface Birth {
  readonly id: string
  /** The TypeScript or JavaScript program of the worker. */
  readonly program: string
  /** Its task waits for it already. */
  readonly isAwaited?: boolean
  /** URLs of modules that it loads first. */
  readonly preload?: readonly string[]
  /** Its task will have next to nothing of Node loaded. */
  readonly isLean?: boolean
  readonly isolation: Isolation
  readonly memoryMiB: number
  readonly limits: ProcessLimits
  /** The machine's when it is left out. */
  readonly network?: Network
  /** What it may read of the machine, beside what all may; where the level hides files at all. */
  readonly mounts?: readonly string[]
  /** A directory that it shares with others of its tenant, to be read and written. */
  readonly shared?: string | undefined
  /** Its own, with everything in it that is not in memory. */
  readonly directory: string
  readonly workspace: Workspace | InMemory
  /** What it has to itself, at level 3. */
  readonly slot?: Slot | undefined
  /** What every worker's environment gets: PATH, LANG, TZ and what the operator adds. Never a secret. */
  readonly environment: Readonly<Record<string, string>>
}

/**
 * Starts a blank worker in a process group of its own. Never from a worker thread: the parent-death signal is tied to
 * the thread that forks. Rejects when the system cannot start a process; nothing is left of it then.
 */
export async function bear(birth: Birth, machine: Machine): Promise<Worker> {
  if (!isMainThread) throw new Error('a worker would end with the thread that starts it: start it from the main one')
  const { directory, workspace, environment } = birth
  const { home, tmp } = isOnDisk(workspace) ? workspace : inMemory
  const [program = process.execPath, ...args] = [
    ...birth.isolation.wrap(wallsOf(birth, machine)),
    process.execPath,
    ...flags(birth),
    birth.program,
    ...(birth.isAwaited ? [AT_ONCE] : []),
    ...(birth.preload ?? []),
  ]
  const spawned = await machine.spawn({
    program,
    args,
    cwd: isOnDisk(workspace) ? workspace.work : directory,
    env: {
      ...environment,
      ...Object.fromEntries(shedBy(birth).map((name) => [name, 'C'])),
      HOME: home,
      TMPDIR: tmp,
      [MARKER]: birth.id,
    },
    descriptors: descriptorsOf(birth.isolation, birth.limits, birth.slot),
  })
  const { pid, exited } = spawned
  const born = (startTicks: number) => {
    const identity = { pid, startTicks, bootId: machine.bootId }
    const { used } = spawned
    const first = firstOf(spawned, machine.spawn)
    const held = { level: birth.isolation.level, first, used, slot: birth.slot }
    return new Worker(birth.id, held, identity, machine.census, exited, pipesOf(spawned, machine.spawn))
  }
  try {
    return born(startTicksOf(pid))
  } catch (error) {
    await end(born(0))
    throw error
  }
}

/** Throws when the system has it and does not tell: nobody could say later whether a process is this one. */
function startTicksOf(pid: number): number {
  const stat = readStat(pid)
  if (!stat && process.platform === 'linux')
    throw new Error(`there is no process ${pid} in /proc, though it was started`)
  return stat?.startTicks ?? 0
}

async function end(worker: Worker): Promise<void> {
  worker.kill()
  await worker.emptied()
  worker.dropPipes()
}

/** V8 keeps to the heap limit; what lies outside the heap is the kernel's to limit. */
function flags(birth: Birth): string[] {
  return [
    `--max-old-space-size=${Math.ceil(birth.memoryMiB * heapShare)}`,
    // One helper thread instead of four: a slot is one core, and threads cost a start 4 % of its CPU (measured).
    '--v8-pool-size=1',
    // Otherwise any process of the same user opens a debugger in the worker with a plain kill -USR1.
    '--disable-sigusr1',
    '--disable-warning=ExperimentalWarning',
    ...(birth.isLean ? leanNode : []),
  ]
}

const heapShare = 0.75

function wallsOf(birth: Birth, { programs }: Machine): Walls {
  const { limits, network = 'host', mounts = [], shared, directory, workspace, slot, environment } = birth
  const tmp = isOnDisk(workspace) ? workspace.tmp : workspace
  const locate = (program: string) => programs.locate(program, environment)
  const ground = { limits, network, mounts, shared, workspace: directory, tmp, locate }
  return { ...ground, shed: shedBy(birth), doors: slot?.cell.doors }
}

/**
 * The programs of level 1 look for the files of a language in which they have nothing to say: without it a start takes
 * 0.6 ms of CPU less (measured).
 */
function shedBy({ isolation, environment }: Birth): readonly string[] {
  return isolation.level === LIMITED && environment.LC_ALL === undefined ? ['LC_ALL'] : []
}

function isOnDisk(workspace: Birth['workspace']): workspace is Workspace {
  return 'work' in workspace
}

function firstOf({ ends }: Spawned, { reap }: Spawn): FirstProcess | undefined {
  const status = ends[STATUS_FD]
  return status && new FirstProcess(readerOf(status), reap)
}

function pipesOf({ ends }: Spawned, { duplicate }: Spawn): Pipes {
  const endAt = (descriptor: number): PipeEnd => {
    const end = ends[descriptor]
    if (!end) throw new Error(`a worker was started without a pipe at ${descriptor}`)
    return end
  }
  const toWorker = endAt(3)
  return {
    stdout: readerOf(endAt(1)),
    stderr: readerOf(endAt(2)),
    toWorker: writerOf(toWorker),
    duplicate: duplicate && 'fd' in toWorker ? () => duplicate(toWorker.fd) : undefined,
    fromWorker: readerOf(endAt(4)),
  }
}
