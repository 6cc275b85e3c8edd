/** What a worker of level 3 has to itself: a user outside of its sandbox, and a cell that bounds all it starts. */
import { closeSync } from 'node:fs'
import type { Cell, Cells } from './cells.ts'
import { openUserNamespace } from './user-namespace.ts'
import type { Users } from './users.ts'

export interface SlotTerms {
  readonly worker: string
  readonly memoryMiB: number
  /** Processes and threads. */
  readonly tasks: number
  /** A directory that it works on with others of its tenant. */
  readonly directory?: string | undefined
}

export interface Slot {
  /** Who it is outside. */
  readonly user: number
  /** The descriptor of the namespace in which that is the sandbox's own user. */
  readonly namespace: number
  readonly cell: Cell
  /** When nothing of it lives any more: others may have its user, if nothing of that one lies anywhere either. */
  leave(isClean: boolean): void
}

/** Kept for the next of the same user: to make one takes a program's start. */
type Namespaces = Map<number, Promise<number>>

export class Slots {
  readonly #users: Users
  readonly #cells: Cells
  readonly #inside: number
  readonly #namespaces: Namespaces = new Map()

  /** `inside` is who workers are in their sandboxes. */
  constructor(users: Users, cells: Cells, inside: number) {
    this.#users = users
    this.#cells = cells
    this.#inside = inside
  }

  /** Rejects when there is no user left, or the kernel does not make what bounds it; nothing of it is taken then. */
  async take({ worker, memoryMiB, tasks, directory }: SlotTerms): Promise<Slot> {
    const user = directory === undefined ? this.#users.take() : this.#users.takeFor(directory)
    try {
      const namespace = await this.#namespaceOf(user)
      const cell = this.#cells.create(worker, { memoryMiB, tasks })
      const leave = (isClean: boolean) => this.#users.giveBack(user, cell.remove() && isClean, directory)
      return { user, namespace, cell, leave }
    } catch (error) {
      this.#users.giveBack(user, true, directory)
      throw error
    }
  }

  /** Workers of an earlier start whose cells are there. */
  leftover(): string[] {
    return this.#cells.leftover()
  }

  /** Ends what lives in these cells, and removes them; resolves with those in which somebody lives after so long. */
  async clear(workers: Iterable<string>, deadlineMs: number): Promise<readonly string[]> {
    const there = new Set(this.#cells.leftover())
    const all = [...workers].filter((worker) => there.has(worker))
    const cleared = await Promise.all(
      all.map(async (worker) => {
        const cell = this.#cells.of(worker)
        return (await cell.emptied(deadlineMs)) && cell.remove()
      }),
    )
    return all.filter((_, at) => !cleared[at])
  }

  /** When no worker is left. */
  async close(): Promise<void> {
    this.#cells.close()
    const made = await Promise.allSettled(this.#namespaces.values())
    this.#namespaces.clear()
    for (const one of made) if (one.status === 'fulfilled') closeSync(one.value)
  }

  #namespaceOf(user: number): Promise<number> {
    const known = this.#namespaces.get(user) ?? openUserNamespace(this.#inside, user)
    this.#namespaces.set(user, known)
    known.catch(() => this.#namespaces.delete(user))
    return known
  }
}
