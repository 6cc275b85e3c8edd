import { type Hours, openingAt } from './hours.ts'
import type { Queue } from './queue.ts'

/** Windows in one time zone, and the queues that they open and close. */
export class Gate {
  readonly #hours: readonly Hours[]
  readonly #timeZone: string
  readonly queues = new Set<Queue>()
  #isOpen = false
  #until: number | undefined

  constructor(hours: readonly Hours[], timeZone: string, now: number) {
    this.#hours = hours
    this.#timeZone = timeZone
    this.look(now)
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  /** When it has to be looked at again, in milliseconds since 1970; undefined for one that never moves. */
  get until(): number | undefined {
    return this.#until
  }

  /** Whether what still runs at its end is preempted. */
  get endsRuns(): boolean {
    return this.#hours.some(({ atEnd }) => atEnd === 'preempt')
  }

  /** True when it has opened or closed. */
  look(now: number): boolean {
    const was = this.#isOpen
    const { isOpen, until } = openingAt(this.#hours, this.#timeZone, now)
    this.#isOpen = isOpen
    this.#until = until
    return was !== isOpen
  }
}
