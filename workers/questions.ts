import { type FrameType, MOST_QUESTIONS } from '../src/protocol/frame.ts'
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
  /** Asked when others are answered: a task may ask as much at once as it likes. */
  readonly #waiting: (() => void)[] = []
  #last = 0

  /** Resolves with what was answered; rejects with the sentence that says why not. What it is about is read at once. */
  async ask(type: FrameType, fields: object): Promise<unknown> {
    const number = ++this.#last
    const frame = encodeReport(type, { ...fields, number })
    return this.#answerTo(number, () => write(frame))
  }

  /** Resolves when the orchestrator masks the value, too. */
  async mask(value: Uint8Array): Promise<void> {
    const number = ++this.#last
    await this.#answerTo(number, () => reportMask(number, value))
  }

  /** Resolves when the orchestrator has stored the value; rejects with the sentence that says why not. */
  async store(name: string, value: Uint8Array): Promise<void> {
    const number = ++this.#last
    await this.#answerTo(number, () => reportStore(number, name, value))
  }

  #answerTo(number: number, send: () => void): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const settle = (answer: AckFrame | AnswerFrame) => {
        if ('refusal' in answer) reject(refused(answer.refusal))
        else resolve('value' in answer ? answer.value : undefined)
      }
      const ask = () => {
        try {
          send()
          this.#open.set(number, settle)
        } catch (error) {
          // What cannot be sent is an error of whoever asks.
          reject(error)
        }
      }
      if (this.#open.size < MOST_QUESTIONS) ask()
      else this.#waiting.push(ask)
    })
  }

  answered(answer: AckFrame | AnswerFrame): void {
    this.#open.get(answer.number)?.(answer)
    this.#open.delete(answer.number)
    while (this.#waiting.length > 0 && this.#open.size < MOST_QUESTIONS) this.#waiting.shift()?.()
  }
}

function refused({ code, message, retryAfterSeconds }: Refused): Error {
  const error = new (passing.includes(code) ? RetryableError : FatalError)(message, { code })
  return retryAfterSeconds === undefined ? error : Object.assign(error, { retryAfterSeconds })
}
