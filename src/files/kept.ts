import { existsSync, lstatSync, mkdirSync, readdirSync } from 'node:fs'
import { chmod, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Logger } from '../system/logger.ts'
import { give } from './give.ts'
import { removeTree } from './remove.ts'
import { syncDirectory } from './sync.ts'
import type { Workspaces } from './workspaces.ts'

/** To read it, change it and enter it. */
const ownersAll = 0o700

/**
 * Kept directories: a task's own, with what its checkpoints refer to, there from when it first asks for it until it has
 * ended. While an attempt lives its worker has it, in its workspace: that is the only place that a worker which was born
 * before it knew its task can write to. Whoever does not need one costs nothing but a look.
 */
export class KeptDirectories {
  readonly #root: string

  constructor(root: string) {
    this.#root = root
    mkdirSync(root, { recursive: true, mode: 0o700 })
  }

  /** Whether there is one here; not while a worker has it. */
  has(task: string): boolean {
    return existsSync(this.#pathOf(task))
  }

  /** Puts it where a worker of its task finds it; `owner` is who that is, where it is not us. */
  async lend(task: string, place: string, owner?: number): Promise<void> {
    if (owner !== undefined) await give(this.#pathOf(task), owner)
    await rename(this.#pathOf(task), place)
  }

  /**
   * Takes it back from where a worker had or made it, when nothing of that lives any more; resolves when it is here for
   * good. What is no directory was put there by the task, and is none of ours; what the task has closed is opened, since
   * whoever is not root would find nothing, or could not move it.
   */
  async takeBack(task: string, place: string): Promise<void> {
    for (const path of [dirname(place), place]) {
      const found = lstatSync(path, { throwIfNoEntry: false })
      if (!found?.isDirectory()) return
      if ((found.mode & ownersAll) !== ownersAll) await chmod(path, found.mode | ownersAll)
    }
    await rename(place, this.#pathOf(task))
    await syncDirectory(this.#root)
  }

  /** False when something of it is left all the same. */
  remove(task: string): Promise<boolean> {
    return removeTree(this.#pathOf(task))
  }

  /** Tasks that have one. */
  tasks(): string[] {
    return readdirSync(this.#root)
  }

  #pathOf(task: string): string {
    return join(this.#root, task)
  }
}

interface TakingBack {
  readonly kept: Pick<KeptDirectories, 'takeBack'>
  readonly workspaces: Pick<Workspaces, 'keptOf'>
  readonly logger: Logger
}

/** What a worker had or made of it, as far as it can be had: its task is settled whatever becomes of it. */
export async function takeBackFrom(
  worker: string,
  task: string,
  { kept, workspaces, logger }: TakingBack,
): Promise<void> {
  try {
    await kept.takeBack(task, workspaces.keptOf(worker))
  } catch (err) {
    logger.error({ err, task }, 'what a task keeps could not be taken back: no later attempt finds it')
  }
}
