import { readStat, TICKS_PER_SECOND } from './identity.ts'
import { readProc, threadsOf } from './proc.ts'
import { childrenOf } from './tree.ts'

/** What a tree of processes uses at one moment. */
export interface TreeUsage {
  /** CPU so far, children that ended and were waited for included. */
  readonly cpuSeconds: number
  readonly rssMiB: number
  /** Memory that is nobody else's too: what a memory limit counts. */
  readonly privateMiB: number
}

/** A bomb must not make its watcher slow: more processes and threads than these are not walked. */
const maxProcesses = 2_000
const maxThreads = 2_000
/** Children are the thread's that started them, mostly the first one. */
const maxThreadsOfOne = 64

/** Adds up the leader and its descendants; a process that ends during the walk counts as far as it was seen. */
export function sampleTree(leader: number): TreeUsage {
  const pids = treeOf(leader)
  const samples = pids.map(sampleOne)
  const sum = (pick: (sample: TreeUsage) => number) => samples.reduce((total, sample) => total + pick(sample), 0)
  return {
    cpuSeconds: sum((one) => one.cpuSeconds),
    rssMiB: sum((one) => one.rssMiB),
    privateMiB: sum((one) => one.privateMiB),
  }
}

/** What one tree of processes takes of the memory, what it shares with others in parts; undefined when that is not told. */
export function proportionalMiB(leader: number): number | undefined {
  const sizes = treeOf(leader).map((pid) => kibibytes(readProc(`/proc/${pid}/smaps_rollup`) ?? '', 'Pss'))
  const sum = sizes.reduce((total, size) => total + size, 0)
  return sum > 0 ? sum / 1024 : undefined
}

function treeOf(leader: number): readonly number[] {
  const pids = [leader]
  let threadsLeft = maxThreads
  for (let at = 0; at < pids.length && pids.length < maxProcesses && threadsLeft > 0; at++) {
    const pid = pids[at] as number
    const threads = threadsOf(pid, Math.min(maxThreadsOfOne, threadsLeft))
    threadsLeft -= threads.length
    pids.push(...childrenOf(pid, threads))
  }
  return pids.slice(0, maxProcesses)
}

function sampleOne(pid: number): TreeUsage {
  const stat = readStat(pid)
  const status = readProc(`/proc/${pid}/status`) ?? ''
  return {
    cpuSeconds: stat ? (stat.cpuTicks + stat.childrenCpuTicks) / TICKS_PER_SECOND : 0,
    rssMiB: kibibytes(status, 'VmRSS') / 1024,
    privateMiB: kibibytes(status, 'RssAnon') / 1024,
  }
}

function kibibytes(status: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0)
}
