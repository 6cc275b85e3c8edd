import { FRAME, type FrameType, MOST_QUESTIONS } from '../src/protocol/frame.ts'
import type { AckFrame, AnswerFrame } from '../src/protocol/messages.ts'
import type { RefusalCode } from '../src/task/errors.ts'
import { FatalError, RetryableError } from './errors/steering.ts'
import { encodeReport, reportMask, reportStore, write } from './pipes.ts'

/** What may be otherwise at the next attempt. */
const passing: readonly RefusalCode[] = ['TOO_MANY', 'RATE_LIMITED', 'QUEUE_FULL', 'STORE_FULL', 'STOPPING', 'INTERNAL']

type Refused = Extract<AnswerFrame, { refusal: unknown }>['refusal']

/** A frame without its number, which is given when it is sent. */
export type Asked<F extends { readonly number: number }> = Omit<F, 'number'>

/** What a task waits to be told, by number. */
export class Questions {
  readonly #open = new Map<number, (answer: AckFrame | AnswerFrame) => void>()
  #last = 0
  /** Of those that the orchestrator counts. */
  #asked = 0
  readonly #waiting = new Set<() => void>()
  #lastTurn: Promise<void> | undefined

  /** Resolves with what was answered; rejects with the sentence that says why not. What it is about is read at once. */
  async ask(type: FrameType, fields: object): Promise<unknown> {
    const number = ++this.#last
    const frame = encodeReport(type, { ...fields, number })
    const send = () => write(frame)
    return type === FRAME.CHECKPOINT ? this.#expect(number, send) : this.#inTurn(number, send)
  }

  /** Resolves when the orchestrator masks the value, too. */
  async mask(value: Uint8Array): Promise<void> {
    const number = ++this.#last
    await this.#expect(number, () => reportMask(number, value))
  }

  /** Resolves when the orchestrator has stored the value; rejects with the sentence that says why not. */
  async store(name: string, value: Uint8Array): Promise<void> {
    const number = ++this.#last
    await this.#inTurn(number, () => reportStore(number, name, value))
  }

  /** Resolves when all that was asked is on its way; undefined where it is. */
  get sent(): Promise<void> | undefined {
    return this.#waiting.size > 0 ? this.#lastTurn : undefined
  }

  answered(answer: AckFrame | AnswerFrame): void {
    this.#open.get(answer.number)?.(answer)
    this.#open.delete(answer.number)
  }

  /** A task may ask as much at once as it likes: what the orchestrator would not take yet waits until others are answered. */
  async #inTurn(number: number, send: () => void): Promise<unknown> {
    if (this.#asked < MOST_QUESTIONS) this.#asked++
    else await this.#turn()
    try {
      return await this.#expect(number, send)
    } finally {
      this.#passOn()
    }
  }

  #turn(): Promise<void> {
    this.#lastTurn = new Promise((resolve) => this.#waiting.add(resolve))
    return this.#lastTurn
  }

  #passOn(): void {
    const [next] = this.#waiting
    if (!next) this.#asked--
    else {
      this.#waiting.delete(next)
      next()
    }
  }

  #expect(number: number, send: () => void): Promise<unknown> {
    return new Promise((resolve, reject) => {
      // Sent first: what cannot be sent is an error of whoever asks.
      send()
      this.#open.set(number, (answer) => {
        if ('refusal' in answer) reject(refused(answer.refusal))
        else resolve('value' in answer ? answer.value : undefined)
      })
    })
  }
}

function refused({ code, message, retryAfterSeconds }: Refused): Error {
  const error = new (passing.includes(code) ? RetryableError : FatalError)(message, { code })
  return retryAfterSeconds === undefined ? error : Object.assign(error, { retryAfterSeconds })
}
