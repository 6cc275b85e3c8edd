import type { Usage } from './endings.ts'

const tailCharacters = 4096

/** What an attempt used so far, as somebody saw it. */
export interface Used {
  readonly cpuSeconds: number
  readonly rssMiB: number
  readonly writtenMiB: number
  readonly processes?: number
}

/** What is seen of an attempt while it runs: fed by its streams and samples, read by its watchers. */
export class Vitals {
  readonly #bornAt: number
  #toldAt: number | undefined
  #signAt: number
  #outputBytes = 0
  #cpuSeconds = 0
  #peakRssMiB = 0
  #writtenMiB = 0
  #peakProcesses = 1
  #tail = ''
  #isReady = false
  #heldUp = 0
  #savedAt: number | undefined
  #beat: { readonly at: number; readonly lagMs: number } | undefined

  /** Times are monotonic milliseconds. */
  constructor(now: number) {
    this.#bornAt = now
    this.#signAt = now
  }

  /** The worker has been sent its task: what it does, or does not, is its own from here. */
  told(now: number): void {
    this.#toldAt = now
    this.sign(now)
  }

  /** How long it has had its task. */
  toldMs(now: number): number {
    return this.#toldAt === undefined ? 0 : now - this.#toldAt
  }

  /** The worker has said its first word. */
  ready(): void {
    this.#isReady = true
  }

  get isReady(): boolean {
    return this.#isReady
  }

  /** The task did something that shows: printed, reported, saved. */
  sign(now: number): void {
    this.#signAt = now
  }

  /** Its event loop turned: no sign of its task, which may wait for ever in it. */
  beat(now: number, lagMs: number): void {
    this.#beat = { at: now, lagMs }
  }

  /** Undefined before the first. */
  lastBeat(now: number): { readonly secondsAgo: number; readonly lagMs: number } | undefined {
    return this.#beat && { secondsAgo: round((now - this.#beat.at) / 1000), lagMs: this.#beat.lagMs }
  }

  output(bytes: number): void {
    this.#outputBytes += bytes
  }

  printed(line: string): void {
    this.#tail = `${this.#tail}${line}\n`.slice(-tailCharacters)
  }

  /** Samples and reports overlap: the higher figure is the truer one. */
  used({ cpuSeconds, rssMiB, writtenMiB, processes = 0 }: Used): void {
    this.#cpuSeconds = Math.max(this.#cpuSeconds, cpuSeconds)
    this.#peakRssMiB = Math.max(this.#peakRssMiB, rssMiB)
    this.#writtenMiB = Math.max(this.#writtenMiB, writtenMiB)
    this.#peakProcesses = Math.max(this.#peakProcesses, processes)
  }

  /** What the kernel says at the end, of parts of it that have nothing in common. */
  counted(parts: readonly Used[]): void {
    const sum = (pick: (used: Used) => number) => parts.reduce((total, one) => total + pick(one), 0)
    this.used({
      cpuSeconds: sum((one) => one.cpuSeconds),
      rssMiB: Math.max(0, ...parts.map((one) => one.rssMiB)),
      writtenMiB: sum((one) => one.writtenMiB),
    })
  }

  get cpuSeconds(): number {
    return this.#cpuSeconds
  }

  /** Its checkpoint is durable: from here its next attempt would go on. */
  saved(now: number): void {
    this.#savedAt = now
  }

  /** Process time until its newest checkpoint. */
  get savedSeconds(): number {
    return this.#savedAt === undefined ? 0 : round((this.#savedAt - this.#bornAt) / 1000)
  }

  /** One of its streams is not read for a while: what it says meanwhile cannot be heard. */
  holdUp(): void {
    this.#heldUp++
  }

  goOn(now: number): void {
    this.#heldUp--
    this.sign(now)
  }

  silentMs(now: number): number {
    return this.#toldAt === undefined || this.#heldUp > 0 ? 0 : now - this.#signAt
  }

  get outputMiB(): number {
    return this.#outputBytes / 1024 ** 2
  }

  /** The end of what the attempt printed, at most 4 KiB. */
  get lastOutput(): string {
    return this.#tail.trimEnd()
  }

  usage(now: number): Usage {
    return {
      wallSeconds: round((now - this.#bornAt) / 1000),
      cpuSeconds: round(this.#cpuSeconds),
      peakRssMiB: round(this.#peakRssMiB),
      writtenMiB: round(this.#writtenMiB),
      outputMiB: round(this.outputMiB),
      peakProcesses: this.#peakProcesses,
    }
  }
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}
