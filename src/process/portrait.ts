import { readlinkSync } from 'node:fs'
import { basename } from 'node:path'
import { readStat, TICKS_PER_SECOND } from './identity.ts'
import { readProc } from './proc.ts'
import { openFilesOf, treeOf } from './usage.ts'

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

/**
 * The processes of a tree as they are at this moment, those that help to isolate it included. None where nobody can be
 * seen, for want of descriptors: nobody depends on what is told of them.
 */
export function portraitsOf(leader: number): readonly Portrait[] {
  try {
    return treeOf(leader).slice(0, mostPortraits).flatMap(portraitOf)
  } catch {
    return []
  }
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

/** Its program's name; empty when it is gone. */
export function programOf(pid: number): string {
  try {
    return basename(readlinkSync(`/proc/${pid}/exe`))
  } catch {
    return ''
  }
}
