import { readdirSync } from 'node:fs'
import { isGone, readProc, readStat } from './identity.ts'

/** The variable in a worker's environment that its whole tree inherits. Not secret: it names the worker, nothing else. */
export const MARKER = 'MAYFLY_WORKER'

export interface Marked {
  readonly pid: number
  readonly worker: string
}

/**
 * The living processes that carry the marker of one of these workers: every descendant that kept its environment,
 * whatever group, session or parent it has chosen. One pass misses what is forked during it: repeat until empty.
 */
export function findMarked(isWanted: (worker: string) => boolean): Marked[] {
  return listPids().flatMap((pid) => {
    const worker = markerOf(pid)
    return worker !== undefined && isWanted(worker) && !isGone(readStat(pid)) ? [{ pid, worker }] : []
  })
}

function listPids(): number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger)
  } catch {
    return []
  }
}

function markerOf(pid: number): string | undefined {
  const environment = readProc(`/proc/${pid}/environ`)
  if (!environment) return undefined
  const prefix = `${MARKER}=`
  if (environment.startsWith(prefix)) return environment.slice(prefix.length).split('\0', 1)[0]
  const at = environment.indexOf(`\0${prefix}`)
  return at < 0 ? undefined : environment.slice(at + 1 + prefix.length).split('\0', 1)[0]
}
