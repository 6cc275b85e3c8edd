/** Users of slots: from a range of numbers that nobody else on the machine has. They need no accounts. */
import { readFileSync, statSync } from 'node:fs'
import { listPids, readProc } from './proc.ts'

export interface UserRange {
  readonly first: number
  readonly count: number
}

interface Sharing {
  readonly user: number
  holders: number
}

/**
 * Who is free, and of whom nothing is left. Whoever works on a directory of its tenant is its owner, and shares being
 * that with others who work on it at the same time.
 */
export class Users {
  readonly #range: UserRange
  readonly #free: Set<number>
  /** Of these no process lives, and no file lies where another one would find it. */
  readonly #proved = new Set<number>()
  readonly #sharing = new Map<string, Sharing>()

  constructor(range: UserRange) {
    this.#range = range
    this.#free = new Set(Array.from({ length: range.count }, (_, at) => range.first + at))
  }

  /** One that is nobody else's until it is given back. Throws when there is none. */
  take(): number {
    return this.#choose(undefined)
  }

  /** For whoever works on this directory: who owned it last, where that can be. */
  takeFor(directory: string): number {
    const sharing = this.#sharing.get(directory) ?? { user: this.#choose(statSync(directory).uid), holders: 0 }
    this.#sharing.set(directory, { ...sharing, holders: sharing.holders + 1 })
    return sharing.user
  }

  /** When nothing of it lives any more; `isClean` says whether nothing of it lies anywhere either. */
  giveBack(user: number, isClean: boolean, directory?: string): void {
    const sharing = directory === undefined ? undefined : this.#sharing.get(directory)
    if (sharing && directory !== undefined) {
      sharing.holders--
      if (sharing.holders > 0) return
      this.#sharing.delete(directory)
    }
    // Of whom something is left nobody becomes the next, until a later start has removed it.
    if (isClean) this.#free.add(user)
  }

  #choose(wanted: number | undefined): number {
    const isFit = (user: number) => this.#free.has(user) && this.#proved.has(user)
    const find = () => (wanted !== undefined && isFit(wanted) ? wanted : [...this.#free].find(isFit))
    const user = find() ?? this.#prove() ?? find()
    if (user === undefined) throw new Error(`all ${this.#range.count} users of slots are taken: give users.count more`)
    this.#free.delete(user)
    return user
  }

  /** What an earlier start has left, or somebody else started, may live as one of them. */
  #prove(): undefined {
    const alive = usersAlive()
    for (const user of this.#free) if (!alive.has(user)) this.#proved.add(user)
  }
}

/** Whoever has a process on this machine, under any of its numbers. */
function usersAlive(): ReadonlySet<number> {
  const lines = listPids().map((pid) => /^Uid:(.*)$/m.exec(readProc(`/proc/${pid}/status`) ?? '')?.[1] ?? '')
  return new Set(lines.flatMap((line) => line.trim().split(/\s+/).map(Number)))
}

/** The name of an account that has one of these numbers; undefined when none has. */
export function accountWithin({ first, count }: UserRange): string | undefined {
  const accounts = readFileSync('/etc/passwd', 'utf8').split('\n')
  const isWithin = (number: number) => number >= first && number < first + count
  return accounts.map((line) => line.split(':')).find(([, , number]) => isWithin(Number(number || -1)))?.[0]
}
