import type { Exit } from '../task/endings.ts'
import type { Ended } from './ended.ts'
import { readStat } from './identity.ts'
import type { Libc } from './libc.ts'
import { childrenOf } from './tree.ts'

/** Whoever waits for a child has done so by then. */
const awaitedWithinMs = 250

type Waiting = Pick<Libc, 'ended' | 'awaitsWait' | 'adoptOrphans'>

/**
 * Waits for processes that were started past Node, so that Node does not, and for those that they have left to us. The
 * system says only that some have ended, and says it once for several: each is looked at.
 */
export class Reaper {
  readonly #libc: Waiting
  readonly #awaited = new Map<number, (ended: Ended) => void>()
  #listens = false
  #looksForOrphans = false
  /** Whether the system has told of an end since orphans were looked for. */
  #isTold = false

  constructor(libc: Waiting) {
    this.#libc = libc
  }

  /** To be called before a process is started: it may end at once. */
  listen(): void {
    if (this.#listens) return
    this.#listens = true
    this.#libc.adoptOrphans()
    process.on('SIGCHLD', this.#reap)
  }

  ended(pid: number): Promise<Ended> {
    return new Promise((resolve) => this.#awaited.set(pid, resolve))
  }

  readonly #reap = () => {
    this.#isTold = true
    for (const [pid, tell] of this.#awaited) {
      const ended = this.#libc.ended(pid)
      if (!ended) continue
      this.#awaited.delete(pid)
      tell(ended)
    }
    this.#looksForOrphans ||= this.#reapOrphansLater(new Set())
  }

  /**
   * Nobody else gives back the number of what a process has left to us, as at the end of a sandbox, or where we are the
   * first process of a container. But Node and libraries have children of their own: only who nobody has waited for from
   * one look to the next is nobody's. Node has, once it was told of an end after the first: so we see to it that it is.
   */
  #reapOrphansLater(before: ReadonlySet<string>): true {
    const look = () => {
      const seen = this.#isTold ? this.#reapOrphans(before) : before
      // Without descriptors nobody can be seen, and that must not pass for nobody being there.
      this.#looksForOrphans = (seen === undefined || seen.size > 0) && this.#reapOrphansLater(seen ?? before)
      this.#isTold = false
      if (this.#looksForOrphans) process.kill(process.pid, 'SIGCHLD')
    }
    setTimeout(look, awaitedWithinMs).unref()
    return true
  }

  /** Reaps whom it had seen before, and names who is new; undefined when nobody can be seen. */
  #reapOrphans(before: ReadonlySet<string>): ReadonlySet<string> | undefined {
    const seen = new Set<string>()
    try {
      for (const pid of childrenOf(process.pid, [String(process.pid)])) {
        if (!this.#libc.awaitsWait(pid)) continue
        const name = `${pid} since ${readStat(pid)?.startTicks}`
        if (before.has(name)) this.#libc.ended(pid)
        else seen.add(name)
      }
      return seen
    } catch {
      return undefined
    }
  }
}

const heldMs = 1_000

/** For whoever has nothing else to do: a signal alone, which tells of the end, keeps no process of Node from ending before. */
export async function untilEnded(exited: Promise<Exit>): Promise<Exit> {
  const held = setInterval(() => {}, heldMs)
  try {
    return await exited
  } finally {
    clearInterval(held)
  }
}
