import { availableParallelism } from 'node:os'
import type { Workspaces } from '../files/workspaces.ts'
import { bear } from '../process/bear.ts'
import type { Isolation } from '../process/isolation.ts'
import type { Machine } from '../process/machine.ts'
import type { Worker } from '../process/worker.ts'
import { newWorkerId } from '../system/ids.ts'

/** What is fixed when a worker is born: a task takes only a worker of its profile. */
export interface LaunchProfile {
  readonly memoryMiB: number
  readonly workspaceMiB: number
}

export interface WorkersOptions {
  readonly workspaces: Workspaces
  readonly isolation: Isolation
  readonly program: string
  readonly environment: Readonly<Record<string, string>>
  readonly machine: Machine
  readonly openFiles: number
}

/** Where workers come from, and where what they leave behind goes. */
export class Workers {
  readonly #options: WorkersOptions

  constructor(options: WorkersOptions) {
    this.#options = options
  }

  get isolation(): Isolation {
    return this.#options.isolation
  }

  /** A blank worker of this profile, which nobody else gets: today always born now. Rejects when it cannot be. */
  async take(profile: LaunchProfile): Promise<Worker> {
    const { workspaces, isolation, program, environment, machine, openFiles } = this.#options
    const id = newWorkerId()
    const { memoryMiB, workspaceMiB } = profile
    const limits = { dataMiB: memoryMiB + beyondMemoryMiB, fileMiB: workspaceMiB, openFiles }
    try {
      const workspace = workspaces.create(id)
      return await bear({ id, program, isolation, memoryMiB, limits, workspace, environment }, machine)
    } catch (error) {
      await workspaces.remove(id)
      throw error
    }
  }

  /** Ends a worker that was not told a task, with everything it has. */
  async discard(worker: Worker): Promise<void> {
    worker.letGo()
    worker.kill()
    await worker.emptied()
    await this.#options.workspaces.remove(worker.id)
  }
}

/** What V8 reserves for the code of one thread, used or not: the kernel counts it as data (measured on 24.21). */
const reservedByThreadMiB = 544

/**
 * A process of Node cannot start a thread without it, and tools start one for each core. That makes the kernel's limit
 * a loose one: it stops what grows too fast to be looked at, and the watcher holds the task to its memory.
 */
const beyondMemoryMiB = reservedByThreadMiB * (1 + Math.max(4, availableParallelism()))
