import type { Answer } from './answer.ts'
import type { EmulatedOrg } from './org.ts'
import type { EmulatedRequest } from './request.ts'

export interface Subject {
  readonly method: string
  readonly url: string
  readonly path: string
  /** SOAP call or OAuth grant, as in the request. */
  readonly call: string | null
  /** The body, one character a byte. */
  readonly body: string
  /** Name of the org. */
  readonly org: string
}

/** Changes, replaces or loses the answer. `genuine` does what was asked and gives the right answer. */
export type FaultAction = (
  org: EmulatedOrg,
  request: EmulatedRequest,
  genuine: () => Promise<Answer>,
) => Answer | Promise<Answer>

export interface Fault {
  readonly match: (subject: Subject) => boolean
  /** How many requests it hits; once unless told otherwise, `Infinity` for all. */
  readonly times?: number
  /** Lets this many matching requests pass first. */
  readonly after?: number
  readonly action: FaultAction
}

interface Pending extends Fault {
  left: number
  passing: number
}

/** Faults that wait for their request. The first that fits is used; ready-made actions are in `fault-actions.ts`. */
export class Faults {
  #pending: Pending[] = []

  add(fault: Fault): void {
    this.#pending.push({ ...fault, left: fault.times ?? 1, passing: fault.after ?? 0 })
  }

  clear(): void {
    this.#pending = []
  }

  /** Faults that have not hit as often as they were meant to, endless ones apart: a test that ends with any proved nothing. */
  get waiting(): number {
    return this.#pending.filter(({ left }) => left > 0 && Number.isFinite(left)).length
  }

  take(org: EmulatedOrg, request: EmulatedRequest): FaultAction | null {
    if (this.#pending.length === 0) return null
    const { method, url, path, call, body } = request
    const subject = { method, url, path, call, body: body.toString('latin1'), org: org.name }
    for (const fault of this.#pending) {
      if (fault.left <= 0 || !fault.match(subject)) continue
      if (fault.passing > 0) fault.passing -= 1
      else {
        fault.left -= 1
        return fault.action
      }
    }
    return null
  }
}
