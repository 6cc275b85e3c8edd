import { readdirSync, statSync } from 'node:fs'
import type { Limits } from '../task/task.ts'
import { readStat, TICKS_PER_SECOND } from './identity.ts'
import { readProc, threadsOf } from './proc.ts'
import { sharedAtMostMiB, sharedMiB } from './shared-memory.ts'
import { childrenOf } from './tree.ts'

/** What a tree of processes uses at one moment. */
export interface TreeUsage {
  /** CPU so far, children that ended and were waited for included. */
  readonly cpuSeconds: number
  readonly rssMiB: number
  /** Memory that is nobody else's: each one's own, and what they share with each other. What a memory limit counts. */
  readonly privateMiB: number
  /** What it had written to disks so far, children that ended and were waited for included. */
  readonly writtenMiB: number
  /** Those that help to isolate it not counted. */
  readonly processes: number
  /** Of the process that has most. */
  readonly openFiles: number
}

/** A bomb must not make its watcher slow: more processes and threads than these are not walked. */
const maxProcesses = 2_000
const maxThreads = 2_000
/** Children are the thread's that started them, mostly the first one; but runtimes with a hundred threads are usual. */
const maxThreadsOfOne = 1_000
const fewSamples = 64

/**
 * Adds up the leader and its descendants, and others that belong to it; a process that ends during the walk counts as
 * far as it was seen. Where there are more of them than the limit only some are looked at, and not all of them
 * counted: to look at a bomb must not take longer the larger it is. What they share is looked for where it could be more
 * than the limit with the rest, since that takes a look at every mapping.
 */
export function sampleTree(
  leader: number,
  others: readonly number[] = [],
  { processes: enough = maxProcesses, memoryMiB = 0 }: Partial<Pick<Limits, 'processes' | 'memoryMiB'>> = {},
): TreeUsage {
  const pids = [...new Set([...treeOf(leader, 2 * enough + maxWrappers), ...others])]
  const processes = pids.length - wrappersOf(pids)
  const looked = pids.slice(0, processes > enough ? fewSamples : pids.length)
  const samples = looked.map(sampleOne)
  const sum = (pick: (sample: Sample) => number) => samples.reduce((total, sample) => total + pick(sample), 0)
  const ownMiB = sum((one) => one.ownMiB)
  const mayShareMiB = sum((one) => one.mayShareMiB)
  return {
    cpuSeconds: sum((one) => one.cpuSeconds),
    rssMiB: sum((one) => one.rssMiB),
    privateMiB: ownMiB + sharedBeyond(memoryMiB - ownMiB, mayShareMiB, looked),
    writtenMiB: sum((one) => one.writtenMiB),
    processes,
    openFiles: Math.max(0, ...samples.map((one) => one.openFiles)),
  }
}

/** What they share with each other, where it could be more than there is room for. */
function sharedBeyond(roomMiB: number, mayShareMiB: number, pids: readonly number[]): number {
  if (mayShareMiB === 0 || mayShareMiB <= roomMiB) return 0
  const atMostMiB = sharedAtMostMiB(pids)
  return atMostMiB !== undefined && atMostMiB <= roomMiB ? 0 : sharedMiB(pids)
}

/** What one tree of processes takes of the memory, what it shares with others in parts; undefined when that is not told. */
export function proportionalMiB(leader: number): number | undefined {
  const sizes = treeOf(leader).map((pid) => kibibytes(readProc(`/proc/${pid}/smaps_rollup`) ?? '', 'Pss'))
  const sum = sizes.reduce((total, size) => total + size, 0)
  return sum > 0 ? sum / 1024 : undefined
}

/** The first process of a worker's tree that runs the same program as this one: the worker itself. */
export function workerIn(leader: number): number | undefined {
  const pids = treeOf(leader)
  const at = wrappersOf(pids)
  return runsOurs(pids[at] ?? 0) ? pids[at] : undefined
}

export function treeOf(leader: number, atMost = maxProcesses): readonly number[] {
  const most = Math.min(atMost, maxProcesses)
  const pids = [leader]
  let threadsLeft = maxThreads
  for (let at = 0; at < pids.length && pids.length < most && threadsLeft > 0; at++) {
    const pid = pids[at] as number
    const threads = threadsOf(pid, Math.min(maxThreadsOfOne, threadsLeft))
    threadsLeft -= threads.length
    pids.push(...childrenOf(pid, threads))
  }
  return pids.slice(0, most)
}

/** So many programs may stand between a leader and its worker. */
const maxWrappers = 4

/** Each starts but the next, so that they come first in the order of a tree. */
function wrappersOf(pids: readonly number[]): number {
  return Math.max(0, pids.slice(0, maxWrappers + 1).findIndex(runsOurs))
}

/** By what it is, not by its name: in a sandbox it has another. */
function runsOurs(pid: number): boolean {
  try {
    const [its, ours] = [statSync(`/proc/${pid}/exe`), statSync('/proc/self/exe')]
    return its.ino === ours.ino && its.dev === ours.dev
  } catch {
    return false
  }
}

type Sample = Omit<TreeUsage, 'processes' | 'privateMiB'> & {
  readonly ownMiB: number
  /** Files in memory, too. */
  readonly mayShareMiB: number
}

function sampleOne(pid: number): Sample {
  const stat = readStat(pid)
  const status = readProc(`/proc/${pid}/status`) ?? ''
  const written = /^write_bytes: (\d+)$/m.exec(readProc(`/proc/${pid}/io`) ?? '')?.[1] ?? 0
  return {
    cpuSeconds: stat ? (stat.cpuTicks + stat.childrenCpuTicks) / TICKS_PER_SECOND : 0,
    rssMiB: kibibytes(status, 'VmRSS') / 1024,
    ownMiB: kibibytes(status, 'RssAnon') / 1024,
    mayShareMiB: kibibytes(status, 'RssShmem') / 1024,
    writtenMiB: Number(written) / 1024 ** 2,
    openFiles: openFilesOf(pid),
  }
}

/** The kernel says it as the size of the directory since 6.2; older ones say 0 there. */
export function openFilesOf(pid: number): number {
  try {
    const path = `/proc/${pid}/fd`
    return statSync(path).size || readdirSync(path).length
  } catch {
    return 0
  }
}

function kibibytes(status: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0)
}
