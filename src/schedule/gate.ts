import { type Hours, openingAt } from './hours.ts'
import type { Queue } from './queue.ts'

/** Windows in one time zone, and the queues that they open and close. */
export class Gate {
  readonly #hours: readonly Hours[]
  readonly #timeZone: string
  readonly queues = new Set<Queue>()
  #isOpen = false
  #until: number | undefined
  #endsRuns: boolean

  constructor(hours: readonly Hours[], timeZone: string, now: number) {
    this.#hours = hours
    this.#timeZone = timeZone
    this.#endsRuns = hours.some(isEnding)
    this.look(now)
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  /** When it has to be looked at again, in milliseconds since 1970; undefined for one that never moves. */
  get until(): number | undefined {
    return this.#until
  }

  /** Whether what still runs is preempted when it closes: by the window that did. Of any, as long as none was seen to. */
  get endsRuns(): boolean {
    return this.#endsRuns
  }

  /** True when it has opened or closed. */
  look(now: number): boolean {
    const was = this.#isOpen
    const { isOpen, until } = openingAt(this.#hours, this.#timeZone, now)
    if (was && !isOpen) this.#endsRuns = this.#openUntil(this.#until ?? now).some(isEnding)
    this.#isOpen = isOpen
    this.#until = until
    return was !== isOpen
  }

  /** Those that close at this moment. */
  #openUntil(end: number): readonly Hours[] {
    return this.#hours.filter((one) => openingAt([one], this.#timeZone, end - 1).isOpen)
  }
}

function isEnding({ atEnd }: Hours): boolean {
  return atEnd === 'preempt'
}
