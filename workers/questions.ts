import type { FrameType } from '../src/protocol/frame.ts'
import type { AckFrame, AnswerFrame } from '../src/protocol/messages.ts'
import type { RefusalCode } from '../src/task/errors.ts'
import { FatalError, RetryableError } from './errors/steering.ts'
import { report, reportMask, reportStore } from './pipes.ts'

/** What may be otherwise at the next attempt. */
const passing: readonly RefusalCode[] = ['TOO_MANY', 'RATE_LIMITED', 'QUEUE_FULL', 'STORE_FULL', 'STOPPING', 'INTERNAL']

type Refused = Extract<AnswerFrame, { refusal: unknown }>['refusal']

/** A frame without its number, which is given when it is sent. */
export type Asked<F extends { readonly number: number }> = Omit<F, 'number'>

/** What a task waits to be told, by number. */
export class Questions {
  readonly #open = new Map<number, (answer: AckFrame | AnswerFrame) => void>()
  #last = 0

  /** Resolves with what was answered; rejects with the sentence that says why not. */
  ask(type: FrameType, fields: object): Promise<unknown> {
    return this.#expect((number) => report(type, { ...fields, number }))
  }

  /** Resolves when the orchestrator masks the value, too. */
  async mask(value: Uint8Array): Promise<void> {
    await this.#expect((number) => reportMask(number, value))
  }

  /** Resolves when the orchestrator has stored the value; rejects with the sentence that says why not. */
  async store(name: string, value: Uint8Array): Promise<void> {
    await this.#expect((number) => reportStore(number, name, value))
  }

  #expect(send: (number: number) => void): Promise<unknown> {
    const number = ++this.#last
    return new Promise((resolve, reject) => {
      // Reported first: what cannot be sent is an error of whoever asks.
      send(number)
      this.#open.set(number, (answer) => {
        if ('refusal' in answer) reject(refused(answer.refusal))
        else resolve('value' in answer ? answer.value : undefined)
      })
    })
  }

  answered(answer: AckFrame | AnswerFrame): void {
    this.#open.get(answer.number)?.(answer)
    this.#open.delete(answer.number)
  }
}

function refused({ code, message, retryAfterSeconds }: Refused): Error {
  const error = new (passing.includes(code) ? RetryableError : FatalError)(message, { code })
  return retryAfterSeconds === undefined ? error : Object.assign(error, { retryAfterSeconds })
}
