import { readStat, type Stat } from './identity.ts'
import { listPids, readProc, threadsOf } from './proc.ts'

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
  /** Not all could be read, for want of descriptors or memory: that nobody shows says nothing then. */
  readonly isBlind: boolean
}

/** By then whoever is only becoming another program has its environment; who still has none will not get one. */
const settledMs = 20

/** Finds who carries a marker, and remembers from look to look whom it could not judge. */
export class Census {
  /** Processes that the last look could not judge, and since when. */
  #unclearSince: ReadonlyMap<string, number> = new Map()

  /**
   * The living processes that carry the marker of one of these workers: every descendant that kept its environment,
   * whatever group, session or parent it has chosen. Each is told at once, because one that forks and exits all the
   * time would be gone at the end of the look. A quarter of those that were just being started did not show in one look
   * (measured), so a look is no proof while there is a process that ended before it was judged, or that has had no
   * environment only for a moment.
   */
  look(isWanted: (worker: string) => boolean, found: (pid: number) => void = () => {}): Look {
    const now = performance.now()
    const marked: Marked[] = []
    const unclear = new Map<string, number>()
    const isWhole = eachProcess((pid) => {
      const { worker, unclearName } = judge(pid)
      if (worker !== undefined && isWanted(worker)) {
        found(pid)
        marked.push({ pid, worker })
      }
      if (unclearName) unclear.set(unclearName, this.#unclearSince.get(unclearName) ?? now)
    })
    this.#unclearSince = unclear
    const isClear = [...unclear.values()].every((since) => now - since >= settledMs)
    return { marked, isProof: isClear && isWhole === 'yes', isBlind: isWhole === 'unreadable' }
  }
}

/**
 * Calls for every process that there was all the time, the newest first: it is the likeliest to go. Who was born
 * meanwhile comes after its parent, unless the numbers began anew meanwhile.
 */
function eachProcess(call: (pid: number) => void): 'yes' | 'began anew' | 'unreadable' {
  try {
    const newestBefore = newestPid()
    const pids = listPids()
    const newest = newestPid()
    const age = (pid: number) => (newest - pid + pidCircle) % pidCircle
    let isReadable = true
    for (const pid of pids.sort((a, b) => age(a) - age(b))) isReadable = succeeds(() => call(pid)) && isReadable
    if (!isReadable) return 'unreadable'
    return newest < newestBefore ? 'began anew' : 'yes'
  } catch {
    return 'unreadable'
  }
}

/** Linux gives out no higher number, and begins anew there at the latest. */
const pidCircle = 2 ** 22

/** The number that was given out last. */
function newestPid(): number {
  return Number(readProc('/proc/loadavg')?.trim().split(' ').at(-1) ?? 0) || 0
}

function succeeds(call: () => void): boolean {
  try {
    call()
    return true
  } catch {
    return false
  }
}

/** The marker of a process; or, of one that cannot be judged, a name that no other gets: with its pid alone one could. */
function judge(pid: number): { worker?: string | undefined; unclearName?: string } {
  const own = readProc(`/proc/${pid}/environ`)
  if (own) return { worker: markerIn(own) }
  const stat = readStat(pid)
  const ofThreads = threadsEnvironment(pid, stat)
  if (ofThreads) return { worker: markerIn(ofThreads) }
  return stat?.isKernelThread ? {} : { unclearName: `${pid} since ${stat?.startTicks}` }
}

/** A first thread that has ended shows no environment, though others may run on and have it. */
function threadsEnvironment(pid: number, stat: Stat | undefined): string | undefined {
  if (stat?.state !== 'Z') return undefined
  for (const thread of threadsOf(pid)) {
    const environment = readProc(`/proc/${pid}/task/${thread}/environ`)
    if (environment) return environment
  }
  return undefined
}

function markerIn(environment: string): string | undefined {
  const prefix = `${MARKER}=`
  if (environment.startsWith(prefix)) return environment.slice(prefix.length).split('\0', 1)[0]
  const at = environment.indexOf(`\0${prefix}`)
  return at < 0 ? undefined : environment.slice(at + 1 + prefix.length).split('\0', 1)[0]
}
