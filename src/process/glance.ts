import { readStat, TICKS_PER_SECOND } from './identity.ts'
import { programOf } from './portrait.ts'
import { readProc } from './proc.ts'
import { treeOf, workerIn } from './usage.ts'

/** What a process does that says nothing. */
export type Doing = 'spinning' | 'waiting' | 'waiting for a disk' | 'stopped' | 'zombie' | 'gone'

/** How long a thread ran, and how long it wanted to: on a busy machine it also waits for a core. */
export interface CoreTime {
  readonly ranSeconds: number
  readonly wantedSeconds: number
}

export const noCoreTime: CoreTime = { ranSeconds: 0, wantedSeconds: 0 }

/** What is seen of a worker at one moment. */
export interface Glance {
  readonly state: string
  readonly cpuSeconds: number
  readonly firstThread: CoreTime
  /** The first threads of others of its tree. */
  readonly others: ReadonlyMap<number, CoreTime>
  /** Monotonic milliseconds. */
  readonly at: number
}

const mostOthers = 50

/** The worker itself, or the leader where it cannot be told. */
export function glanceAt(leader: number, now: number): Glance {
  const pid = workerIn(leader) ?? leader
  const rest = treeOf(leader, mostOthers).filter((one) => one !== pid)
  const others = new Map(rest.map((one) => [one, coreTimeOf(one) ?? noCoreTime]))
  const stat = readStat(pid)
  const cpuSeconds = (stat?.cpuTicks ?? 0) / TICKS_PER_SECOND
  const firstThread = coreTimeOf(pid) ?? { ranSeconds: cpuSeconds, wantedSeconds: cpuSeconds }
  return { state: stat?.state ?? '', cpuSeconds, firstThread, others, at: now }
}

/** Undefined where the kernel does not count it. */
function coreTimeOf(pid: number): CoreTime | undefined {
  const [ran, waited] = (readProc(`/proc/${pid}/schedstat`) ?? '').split(' ').map(Number)
  return ran && waited !== undefined ? { ranSeconds: ran / 1e9, wantedSeconds: (ran + waited) / 1e9 } : undefined
}

/** Who wanted a core for this share of the time computes, whatever its state is at one moment. */
const spinningShare = 0.5
/** But who got less than this only wanted to wake, on a machine that stood still meanwhile; one of 24 that compute gets 0.08. */
const leastShare = 0.01

function computes(before: CoreTime, after: CoreTime, seconds: number): boolean {
  const wanted = (after.wantedSeconds - before.wantedSeconds) / seconds
  const ran = (after.ranSeconds - before.ranSeconds) / seconds
  return wanted >= spinningShare && ran >= leastShare
}

function secondsBetween(before: Glance, after: Glance): number {
  return Math.max(after.at - before.at, 1) / 1000
}

export function doingOf(before: Glance, after: Glance): { readonly doing: Doing; readonly cpuShare: number } {
  const seconds = secondsBetween(before, after)
  const cpuShare = Math.round((100 * (after.cpuSeconds - before.cpuSeconds)) / seconds) / 100
  const isSpinning = computes(before.firstThread, after.firstThread, seconds)
  return { doing: byState[after.state] ?? (isSpinning ? 'spinning' : 'waiting'), cpuShare }
}

/** The program of a process of its tree that computes all the time, while it waits; undefined when there is none. */
export function busyOther(before: Glance, after: Glance): string | undefined {
  const seconds = secondsBetween(before, after)
  for (const [pid, time] of after.others) {
    if (computes(before.others.get(pid) ?? noCoreTime, time, seconds)) return programOf(pid)
  }
  return undefined
}

const byState: Readonly<Record<string, Doing>> = {
  '': 'gone',
  D: 'waiting for a disk',
  T: 'stopped',
  t: 'stopped',
  Z: 'zombie',
  X: 'gone',
}
