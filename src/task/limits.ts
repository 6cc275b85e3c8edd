/** What a task may use, how its attempt ends that uses more, and the sentence that says so. */
import type { Limited } from './endings.ts'
import type { Limits } from './task.ts'

/** What tasks get whose kind and request say nothing: enough for a build, too little for a runaway. */
export const defaultLimits: Limits = {
  runSeconds: 3600,
  silenceSeconds: 900,
  cpuSeconds: null,
  memoryMiB: 512,
  outputMiB: 64,
  workspaceMiB: 2048,
  fileMiB: null,
  openFiles: 4096,
  processes: 512,
}

export type LimitName = Exclude<keyof Limits, 'workspace'>

export const LIMIT_NAMES = Object.keys(defaultLimits) as readonly LimitName[]

/** Stored by an earlier release, a task may lack limits that there are by now. */
export function wholeLimits(limits: Partial<Limits>): Limits {
  return { ...defaultLimits, ...limits }
}

/** What its files may take of the memory, beside its processes. */
export function filesInMemoryMiB({ workspace, workspaceMiB }: Pick<Limits, 'workspace' | 'workspaceMiB'>): number {
  return workspace === 'memory' ? workspaceMiB : 0
}

/** One file may be as large as all of them, unless it is said otherwise. */
export function fileMiBOf({ fileMiB, workspaceMiB }: Pick<Limits, 'fileMiB' | 'workspaceMiB'>): number {
  return fileMiB ?? workspaceMiB
}

interface Row {
  readonly cause: Limited['cause']
  readonly sentence: (reached: number, allowed: number) => string
}

const rows: Readonly<Record<LimitName, Row>> = {
  runSeconds: { cause: 'run_time', sentence: (_, allowed) => `it ran for ${allowed} s, its limit` },
  silenceSeconds: { cause: 'silence', sentence: (_, allowed) => `it was silent for ${allowed} s, its limit` },
  cpuSeconds: {
    cause: 'cpu',
    sentence: (reached, allowed) => `it used ${reached} s of CPU, its limit is ${allowed} s`,
  },
  memoryMiB: {
    cause: 'memory',
    sentence: (reached, allowed) => `it used ${reached} MiB of memory, its limit is ${allowed} MiB`,
  },
  outputMiB: {
    cause: 'output',
    sentence: (reached, allowed) => `it printed and reported ${reached} MiB, its limit is ${allowed} MiB`,
  },
  workspaceMiB: {
    cause: 'disk',
    sentence: (reached, allowed) => `its files took ${reached} MiB or more, its limit is ${allowed} MiB`,
  },
  fileMiB: {
    cause: 'file_size',
    sentence: (reached, allowed) => `a file of it reached ${reached} MiB, its limit for one is ${allowed} MiB`,
  },
  openFiles: {
    cause: 'open_files',
    sentence: (reached, allowed) => `a process of it had ${reached} files open, its limit is ${allowed}`,
  },
  processes: {
    cause: 'processes',
    sentence: (reached, allowed) => `it had ${reached} processes or more at once, its limit is ${allowed}`,
  },
}

/** How an attempt ends that went beyond this limit: with the figure that it reached, and what was allowed. */
export function beyond(limit: LimitName, figure: number, allowed: number): Limited {
  const reached = Math.round(figure * 100) / 100
  const { cause, sentence } = rows[limit]
  return { cause, message: sentence(reached, allowed), details: { limit, reached, allowed } }
}
