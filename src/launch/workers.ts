import { availableParallelism } from 'node:os'
import type { Directories } from '../files/directories.ts'
import type { Workspaces } from '../files/workspaces.ts'
import { cutOffRefusal } from '../kinds/cut-off.ts'
import { inMemoryRefusal } from '../kinds/in-memory.ts'
import { bear } from '../process/bear.ts'
import type { Isolation } from '../process/isolation.ts'
import type { Machine } from '../process/machine.ts'
import { threadsOf } from '../process/numbers.ts'
import type { Sentinel } from '../process/sentinel.ts'
import { proportionalMiB } from '../process/usage.ts'
import type { Worker } from '../process/worker.ts'
import type { Clock } from '../system/clock.ts'
import { newWorkerId } from '../system/ids.ts'
import type { Logger } from '../system/logger.ts'
import { filesInMemoryMiB } from '../task/limits.ts'
import type { Pool } from '../task/task.ts'
import type { LaunchProfile } from './profile.ts'
import { Soundness } from './soundness.ts'
import { Standbys, type StandbyTerms } from './standbys.ts'

export interface WorkersOptions {
  readonly workspaces: Workspaces
  readonly directories: Pick<Directories, 'open' | 'give'>
  readonly isolation: Isolation
  readonly program: string
  readonly environment: Readonly<Record<string, string>>
  readonly machine: Machine
  /** Watches over the groups of workers, where the kernel does not end them with the orchestrator. */
  readonly sentinel?: Pick<Sentinel, 'add' | 'remove'> | undefined
  /** Tries the isolation again: what is wrong with it, if anything is. */
  readonly probe: () => Promise<string | undefined>
  readonly standby: StandbyTerms
  /** Memory that processes could have which are not needed yet. */
  readonly availableMiB: () => number
  readonly clock: Clock
  readonly logger: Logger
}

/** What a task asks for. */
export interface Wish {
  readonly tenant: string
  readonly pool: Pool
  /** The name of a directory of its tenant: a worker that has it is nobody else's, and none that stands by. */
  readonly directory: string | null
  /** It had to be queued again through no fault of its own. */
  readonly front: boolean
  readonly profile: LaunchProfile
}

interface Asked {
  /** A task waits for it. */
  readonly isAwaited: boolean
  /** The path of a directory that it shares. */
  readonly shared?: string
}

export interface Supplied {
  readonly worker: Worker
  /** It stood by, so whatever becomes of it before it is told its task has nothing to do with that. */
  readonly stoodBy: boolean
}

/** Where workers come from, and where what they leave behind goes. */
export class Workers {
  readonly #options: WorkersOptions
  readonly #soundness: Soundness
  readonly standbys: Standbys

  constructor(options: WorkersOptions) {
    this.#options = options
    const { standby, availableMiB, clock, logger } = options
    this.#soundness = new Soundness(options)
    this.standbys = new Standbys(standby, {
      bear: (profile) => this.#bear(profile, { isAwaited: false }),
      discard: (worker) => this.discard(worker),
      memory: {
        availableMiB,
        ofOneMiB: (worker) => proportionalMiB(worker.identity.pid),
      },
      clock,
      logger,
    })
  }

  get isolation(): Isolation {
    return this.#options.isolation
  }

  /** Whether none can be born, because what stood around them at the start does not work any more. */
  get areUnsound(): boolean {
    return this.#soundness.isBroken
  }

  /**
   * A blank worker of this profile, which nobody else gets: one that stands by, or is coming, or is born now. Rejects
   * when it cannot be born. Whoever is in front may have lost a standby before it was told: it gets no second one.
   */
  async take({ tenant, pool, front, directory, profile }: Wish): Promise<Supplied> {
    if (directory !== null) {
      const opened = this.#options.directories.open(tenant, directory)
      return { worker: await this.#bear(profile, { isAwaited: true, shared: opened }), stoodBy: false }
    }
    const standby = front ? undefined : this.standbys.take(pool, profile)
    return standby
      ? { worker: await standby.worker, stoodBy: standby.wasUp }
      : { worker: await this.#bear(profile, { isAwaited: true }), stoodBy: false }
  }

  /** Whether such a task would be told to a worker that is up already. */
  awaits({ pool, front, directory, profile }: Wish): boolean {
    return !front && directory === null && this.standbys.has(pool, profile)
  }

  /** Ends a worker that was not told a task, with everything it has. */
  async discard(worker: Worker): Promise<void> {
    worker.letGo()
    worker.kill()
    await worker.emptied()
    const isRemoved = await this.#options.workspaces.remove(worker.id)
    worker.slot?.leave(isRemoved)
  }

  /** How many stand by that a task of this pool could have. */
  standby(pool: Pool): number {
    return this.standbys.count(pool)
  }

  async #bear(profile: LaunchProfile, { isAwaited, shared }: Asked): Promise<Worker> {
    const { memoryMiB, workspaceMiB, fileMiB, openFiles, processes, preload, network, mounts, isLean } = profile
    const { workspaces, directories, isolation, program, environment, machine } = this.#options
    await this.#soundness.ensure()
    if (network === 'none' && !isolation.canCutOff) throw new Error(cutOffRefusal)
    const isInMemory = profile.workspace === 'memory'
    if (isInMemory && !isolation.keepsInMemory) throw new Error(inMemoryRefusal)
    const id = newWorkerId()
    const threads = threadsOf(processes)
    const limits = { dataMiB: memoryMiB + beyondMemoryMiB, fileMiB, openFiles, threads }
    const slot = await isolation.slots?.take({
      worker: id,
      memoryMiB: memoryMiB + filesInMemoryMiB(profile),
      tasks: threads,
      directory: shared,
    })
    const owner = slot?.user
    try {
      if (shared !== undefined && owner !== undefined) await directories.give(shared, owner)
      if (isInMemory) workspaces.createBare(id, owner)
      const workspace = isInMemory ? { mostMiB: workspaceMiB } : workspaces.create(id, owner)
      const place = { directory: workspaces.pathOf(id), workspace }
      const born = {
        id,
        program,
        isAwaited,
        preload,
        isLean,
        isolation,
        memoryMiB,
        limits,
        network,
        mounts,
        shared,
        slot,
        ...place,
        environment,
      }
      const worker = await bear(born, machine)
      this.#watchOver(worker)
      this.#soundness.attend(worker)
      return worker
    } catch (error) {
      const isRemoved = await workspaces.remove(id)
      slot?.leave(isRemoved)
      throw error
    }
  }

  #watchOver(worker: Worker): void {
    const { sentinel } = this.#options
    if (!sentinel) return
    const { pid } = worker.identity
    sentinel.add(pid)
    void worker.emptied().then(() => sentinel.remove(pid))
  }
}

/** What V8 reserves for the code of one thread, used or not: the kernel counts it as data (measured on 24.21). */
const reservedByThreadMiB = 544

/**
 * A process of Node cannot start a thread without it, and tools start one for each core. That makes the kernel's limit
 * a loose one: it stops what grows too fast to be looked at, and the watcher holds the task to its memory.
 */
const beyondMemoryMiB = reservedByThreadMiB * (1 + Math.max(4, availableParallelism()))
