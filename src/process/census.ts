import { readdirSync } from 'node:fs'
import { isGone, readProc, readStat } from './identity.ts'

/** The variable in a worker's environment that its whole tree inherits. Not secret: it names the worker, nothing else. */
export const MARKER = 'MAYFLY_WORKER'

export interface Marked {
  readonly pid: number
  readonly worker: string
}

/** What one look at all processes of the machine has shown. */
export interface Look {
  readonly marked: readonly Marked[]
  /** Whoever is not among the marked is none of them. */
  readonly isProof: boolean
}

/** By then whoever is only becoming another program has its environment; who still has none will not get one. */
const settledMs = 20

/** Finds who carries a marker, and remembers from look to look whom it could not judge. */
export class Census {
  /** Processes that the last look could not judge, and since when. */
  #unclearSince: ReadonlyMap<string, number> = new Map()

  /**
   * The living processes that carry the marker of one of these workers: every descendant that kept its environment,
   * whatever group, session or parent it has chosen. A quarter of those that were just being started did not show in
   * one look (measured), so a look is no proof while there is a process that ended before it was judged, or that has
   * had no environment only for a moment.
   */
  look(isWanted: (worker: string) => boolean): Look {
    const now = performance.now()
    const marked: Marked[] = []
    const unclear = new Map<string, number>()
    for (const pid of listPids()) {
      const environment = readProc(`/proc/${pid}/environ`)
      const worker = environment ? markerIn(environment) : undefined
      if (worker !== undefined && isWanted(worker) && !isGone(readStat(pid))) marked.push({ pid, worker })
      if (environment) continue
      const stat = readStat(pid)
      // The start time, because the pid alone could be another process by the next look.
      const name = `${pid} since ${stat?.startTicks}`
      if (!stat?.isKernelThread) unclear.set(name, this.#unclearSince.get(name) ?? now)
    }
    this.#unclearSince = unclear
    return { marked, isProof: [...unclear.values()].every((since) => now - since >= settledMs) }
  }
}

function listPids(): number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger)
  } catch {
    return []
  }
}

function markerIn(environment: string): string | undefined {
  const prefix = `${MARKER}=`
  if (environment.startsWith(prefix)) return environment.slice(prefix.length).split('\0', 1)[0]
  const at = environment.indexOf(`\0${prefix}`)
  return at < 0 ? undefined : environment.slice(at + 1 + prefix.length).split('\0', 1)[0]
}
