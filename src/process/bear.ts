import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { MARKER } from './census.ts'
import { readStat } from './identity.ts'
import type { Isolation, ProcessLimits } from './isolation.ts'
import type { Machine } from './machine.ts'
import { type Pipes, Worker } from './worker.ts'

/** What is fixed when a worker is born; it learns its task later. */
export interface Birth {
  readonly id: string
  /** The TypeScript or JavaScript program of the worker. */
  readonly program: string
  /** URLs of modules that it loads first. */
  readonly preload?: readonly string[]
  readonly isolation: Isolation
  readonly memoryMiB: number
  readonly limits: ProcessLimits
  readonly workspace: Workspace
  /** What every worker's environment gets: PATH, LANG, TZ and what the operator adds. Never a secret. */
  readonly environment: Readonly<Record<string, string>>
}

export interface Workspace {
  readonly work: string
  readonly home: string
  readonly tmp: string
}

/**
 * Starts a blank worker in a process group of its own. Never from a worker thread: the parent-death signal is tied to
 * the thread that forks. Rejects when the system cannot start a process; nothing is left of it then.
 */
export async function bear(birth: Birth, machine: Machine): Promise<Worker> {
  const [program, ...args] = [
    ...birth.isolation.wrap(birth.limits),
    process.execPath,
    ...flags(birth),
    birth.program,
    ...(birth.preload ?? []),
  ]
  const child = spawn(program as string, args, {
    cwd: birth.workspace.work,
    env: {
      ...birth.environment,
      HOME: birth.workspace.home,
      TMPDIR: birth.workspace.tmp,
      [MARKER]: birth.id,
    },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
    detached: true,
  })
  if (child.pid === undefined) throw (await once(child, 'error').catch((error) => [error]))[0]
  const { pid } = child
  const born = (startTicks: number) => {
    const identity = { pid, startTicks, bootId: machine.bootId }
    return new Worker(birth.id, birth.isolation.level, identity, machine.census, child, pipesOf(child))
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
  ]
}

const heapShare = 0.75

function pipesOf(child: ChildProcess): Pipes {
  const [, stdout, stderr, toWorker, fromWorker] = child.stdio
  return {
    stdout: stdout as Readable,
    stderr: stderr as Readable,
    toWorker: toWorker as Writable,
    fromWorker: fromWorker as Readable,
  }
}
