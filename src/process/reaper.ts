import type { Exit } from '../task/endings.ts'

/** How it ended, once it has; undefined while it runs. */
export type Look = (pid: number) => Exit | undefined

/**
 * Waits for processes that were started past Node, so that Node does not. The system says only that some have ended, and
 * says it once for several: each is looked at.
 */
export class Reaper {
  readonly #look: Look
  readonly #awaited = new Map<number, (exit: Exit) => void>()
  #listens = false

  constructor(look: Look) {
    this.#look = look
  }

  /** To be called before a process is started: it may end at once. */
  listen(): void {
    if (this.#listens) return
    this.#listens = true
    process.on('SIGCHLD', this.#reap)
  }

  ended(pid: number): Promise<Exit> {
    return new Promise((resolve) => this.#awaited.set(pid, resolve))
  }

  readonly #reap = () => {
    for (const [pid, tell] of this.#awaited) {
      const exit = this.#look(pid)
      if (!exit) continue
      this.#awaited.delete(pid)
      tell(exit)
    }
    if (this.#awaited.size > 0) return
    this.#listens = false
    process.off('SIGCHLD', this.#reap)
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
