import { readlinkSync } from 'node:fs'
import { basename } from 'node:path'
import { readStat, TICKS_PER_SECOND } from './identity.ts'
import { readProc } from './proc.ts'
import { openFilesOf, treeOf, workerIn } from './usage.ts'

/** What a process does that says nothing. */
export type Doing = 'spinning' | 'waiting' | 'waiting for a disk' | 'stopped' | 'zombie' | 'gone'

/** One process of a tree; never its environment or its arguments. */
export interface Portrait {
  readonly pid: number
  /** Its program: what it calls itself may be a part of anything. */
  readonly program: string
  readonly state: string
  readonly cpuSeconds: number
  readonly rssKiB: number
  readonly threads: number
  readonly openFiles: number
  /** Where in the kernel it waits, where that is told. */
  readonly waitsIn: string
}

const mostPortraits = 100

/** The processes of a tree as they are at this moment, those that help to isolate it included. */
export function portraitsOf(leader: number): readonly Portrait[] {
  return treeOf(leader).slice(0, mostPortraits).flatMap(portraitOf)
}

function portraitOf(pid: number): readonly Portrait[] {
  const stat = readStat(pid)
  const status = readProc(`/proc/${pid}/status`)
  if (!stat || status === undefined) return []
  const field = (name: string) => new RegExp(`^${name}:\\s+(.*)$`, 'm').exec(status)?.[1] ?? ''
  return [
    {
      pid,
      program: programOf(pid),
      state: stat.state,
      cpuSeconds: stat.cpuTicks / TICKS_PER_SECOND,
      rssKiB: Number.parseInt(field('VmRSS'), 10) || 0,
      threads: Number(field('Threads')),
      openFiles: openFilesOf(pid),
      waitsIn: readProc(`/proc/${pid}/wchan`) ?? '',
    },
  ]
}

function programOf(pid: number): string {
  try {
    return basename(readlinkSync(`/proc/${pid}/exe`))
  } catch {
    return ''
  }
}

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
