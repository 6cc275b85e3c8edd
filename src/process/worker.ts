import { closeSync } from 'node:fs'
import type { Readable, Writable } from 'node:stream'
import { encodeJson, type FrameType, MAX_START_BYTES } from '../protocol/frame.ts'
import type { Exit } from '../task/endings.ts'
import type { Used } from '../task/vitals.ts'
import type { Census } from './census.ts'
import type { FirstProcess } from './first.ts'
import type { Identity } from './identity.ts'
import type { Level } from './isolation.ts'
import { canLimitNumbers, limitNumbers } from './numbers.ts'
import { keepUntilRead } from './pipe-ends.ts'
import { nameOfSignal } from './signals.ts'
import type { Slot } from './slots.ts'
import { killGroup, killInNamespace, killMarked, killNamespace, resume } from './tree.ts'

export interface Pipes {
  readonly stdout: Readable
  readonly stderr: Readable
  readonly toWorker: Writable
  /** Another descriptor of the same pipe, where there can be one. */
  readonly duplicate?: (() => number) | undefined
  readonly fromWorker: Readable
}

/** How a worker is held: by what stands around it. */
export interface Held {
  readonly level: Level
  /** Of its sandbox, where it has one. */
  readonly first?: FirstProcess | undefined
  /** What its leader had used at its end, where the kernel tells. */
  readonly used?: Promise<Used | undefined> | undefined
  /** What it has to itself. */
  readonly slot?: Slot | undefined
}

/** Ever harder: the first two let the wrapper see the end of its namespace and tell of it, the last takes it along. */
const waysToKill = [killInNamespace, killNamespace, killGroup] as const
const hardest = waysToKill.length - 1
/** A tree whose end does not show after this long is killed harder: somebody holds it. */
const stubbornMs = 1_000

/** The ephemeral process of one attempt, with everything below it. */
export class Worker {
  readonly id: string
  readonly level: Level
  readonly slot: Slot | undefined
  readonly identity: Identity
  readonly stdout: Readable
  readonly stderr: Readable
  readonly reports: Readable
  /** Resolves when the leader has exited. */
  readonly exited: Promise<Exit>
  /** Resolves when it has said its first word, which is kept for whoever will read it; never when it says none. */
  readonly spoke: Promise<void>
  #hasExited = false
  #isBeingKilled = false
  #diedBySignal = false
  #emptied: Promise<void> | undefined
  readonly #toWorker: Writable
  readonly #duplicate: Pipes['duplicate']
  /** What the kernel does not have yet, and nobody may find later. */
  readonly #unsent = new Set<Buffer>()
  readonly #census: Census
  readonly #first: FirstProcess | undefined
  readonly #used: Held['used']

  constructor(id: string, held: Held, identity: Identity, census: Census, exited: Promise<Exit>, pipes: Pipes) {
    this.id = id
    this.level = held.level
    this.#first = held.first
    this.#used = held.used
    this.slot = held.slot
    this.identity = identity
    this.#census = census
    this.stdout = pipes.stdout
    this.stderr = pipes.stderr
    this.reports = pipes.fromWorker
    this.#toWorker = pipes.toWorker
    this.#duplicate = pipes.duplicate
    this.#toWorker.once('close', () => this.#wipeUnsent())
    this.exited = this.#watchExit(exited)
    // A worker that dies before it reads resets the pipe: its exit tells all, and nobody else listens for the error.
    for (const pipe of [...this.#readable, this.#toWorker]) pipe.on('error', () => {})
    const { promise, resolve } = Promise.withResolvers<void>()
    this.spoke = promise
    keepUntilRead(this.stdout)
    keepUntilRead(this.stderr)
    keepUntilRead(this.reports, resolve)
  }

  send(type: FrameType, value?: unknown): void {
    if (!this.#toWorker.destroyed) this.#toWorker.write(encodeJson(type, value, MAX_START_BYTES))
  }

  /** What is sent by this reaches the kernel in one call. */
  together(send: () => void): void {
    this.#toWorker.cork()
    try {
      send()
    } finally {
      this.#toWorker.uncork()
    }
  }

  /** Resolves when the kernel has it, or nobody will ever take it. */
  deliver(type: FrameType, value: unknown): Promise<void> {
    const frame = encodeJson(type, value, MAX_START_BYTES)
    return new Promise((resolve) => {
      if (this.#toWorker.destroyed) resolve()
      else this.#toWorker.write(frame, () => resolve())
    })
  }

  /**
   * Another descriptor to tell it something through, after all that was sent; whoever has it closes it. Undefined where
   * there is none to have, or something of what was sent is not with the kernel yet.
   */
  duplicate(): number | undefined {
    if (this.#toWorker.destroyed || this.#toWorker.writableLength > 0) return undefined
    try {
      return this.#duplicate?.()
    } catch {
      return undefined
    }
  }

  /**
   * Sends a frame whose bytes nobody may find later: it is zeroed when the kernel has it, or nobody will ever take it.
   * The kernel's own copy goes with the pipe.
   */
  sendOnce(frame: Buffer): void {
    if (this.#toWorker.destroyed) {
      frame.fill(0)
      return
    }
    this.#unsent.add(frame)
    this.#toWorker.write(frame, () => {
      this.#unsent.delete(frame)
      frame.fill(0)
    })
  }

  /** Closes fd 3. To a blank worker that is the end: it exits without having done anything, and nobody will read it. */
  letGo(): void {
    this.#toWorker.destroy()
    for (const pipe of this.#readable) if (pipe.listenerCount('data') === 0) pipe.destroy()
  }

  /**
   * Has the kernel start no more than so many processes and threads of it at once, where it does not yet: in a sandbox of
   * root's. Resolves with whether it went well.
   */
  async brake(threads: number): Promise<boolean> {
    const namespace = canLimitNumbers && !this.slot ? this.#first?.openNamespace() : undefined
    if (namespace === undefined) return true
    try {
      return await limitNumbers(namespace, threads)
    } finally {
      closeSync(namespace)
    }
  }

  /** Kills the leader and, as far as the level reaches, everything below it, until the leader has exited. */
  kill(): void {
    if (this.#isBeingKilled) return
    this.#isBeingKilled = true
    this.#killHarder(this.level > 0 ? 0 : hardest)
  }

  /**
   * Resolves when no process of the tree lives any more. A wrapper that returns by itself has seen its pid namespace
   * end, and all in it, or its first process is known, and waited for; otherwise whoever carries the marker is killed
   * until nobody does.
   */
  emptied(): Promise<void> {
    this.#emptied ??= this.#empty()
    return this.#emptied
  }

  /** What the kernel has counted of it, in parts, once it is emptied: of processes that somebody has waited for. */
  async used(): Promise<readonly Used[]> {
    await this.emptied()
    return [await this.#used, this.#first?.used].filter((used) => used !== undefined)
  }

  /** Whether it ended before its program was started, by the fault of what was to stand around it. */
  async neverFormed(): Promise<boolean> {
    await this.exited
    return this.#first !== undefined && !this.#isBeingKilled && !(await this.#first.cameUp())
  }

  /** Reads no further, whoever still holds the other ends. */
  dropPipes(): void {
    for (const pipe of this.#readable) pipe.destroy()
  }

  #wipeUnsent(): void {
    for (const frame of this.#unsent) frame.fill(0)
    this.#unsent.clear()
  }

  get #readable(): readonly Readable[] {
    return [this.stdout, this.stderr, this.reports]
  }

  /** At least this hard, and again until the exit is seen: what was killed once need not have been all there was. */
  #killHarder(from: number): void {
    if (this.#hasExited) return
    const { pid } = this.identity
    // A task that stops its group stops the wrapper too, which then would never see that its namespace has ended.
    resume(pid)
    const way = waysToKill.findIndex((kill, at) => at >= from && (kill(pid) || at === hardest))
    setTimeout(() => this.#killHarder(Math.min(way + 1, hardest)), stubbornMs).unref()
  }

  async #empty(): Promise<void> {
    await this.exited
    this.letGo()
    await this.#first?.ended()
    await this.slot?.cell.emptied()
    if (this.level > 0 && !this.#diedBySignal) return
    killGroup(this.identity.pid)
    await killMarked(new Set([this.id]), this.#census)
  }

  async #watchExit(exited: Promise<Exit>): Promise<Exit> {
    const { code, signal } = await exited
    this.#hasExited = true
    this.#diedBySignal = signal !== null
    return exitOf(this.level, code, signal)
  }
}

/** Reads back what the namespace's first process says of a worker that died by a signal: 128 + its number. */
export function exitOf(level: Level, code: number | null, signal: string | null): Exit {
  const named = level > 0 && code !== null && code > 128 ? nameOfSignal(code - 128) : undefined
  return named ? { code: null, signal: named } : { code, signal }
}
