import { MOST_QUESTIONS } from '../protocol/frame.ts'
import type { AnswerFrame } from '../protocol/messages.ts'
import { BrokenFrame } from '../protocol/parser.ts'
import type { Logger } from '../system/logger.ts'
import { Refusal } from '../task/errors.ts'

/** What a task asks for and waits to be told. */
export type Inquiry =
  | { readonly type: 'submit'; readonly number: number; readonly key: string; readonly request: unknown }
  | { readonly type: 'children'; readonly number: number; readonly after: string }
  | StoreInquiry

/** A secret to be stored under a name of the kind's; whoever answers wipes it. */
export interface StoreInquiry {
  readonly type: 'store'
  readonly number: number
  readonly name: string
  readonly value: Buffer
}

export interface InquiryDeps {
  /** Resolves with what was asked for; throws the Refusal that says why not. */
  readonly ask: (inquiry: Inquiry) => Promise<unknown>
  /** Resolves when the worker has it, or never will: who does not listen is not told more. */
  readonly reply: (answer: AnswerFrame) => Promise<void>
  readonly logger: Logger
}

/** Answers one question after the other, in the order in which they came. */
export class Inquiries {
  readonly #deps: InquiryDeps
  #pending = 0
  #last: Promise<void> = Promise.resolve()

  constructor(deps: InquiryDeps) {
    this.#deps = deps
  }

  /** Throws BrokenFrame when more are open than any task needs. */
  take(inquiry: Inquiry): void {
    if (this.#pending === MOST_QUESTIONS) {
      if (inquiry.type === 'store') inquiry.value.fill(0)
      throw new BrokenFrame(`it asked more than ${MOST_QUESTIONS} questions at once`)
    }
    this.#pending++
    this.#last = this.#last.then(() => this.#answer(inquiry))
  }

  /** Resolves when all that was asked is answered. */
  get answered(): Promise<void> {
    return this.#last
  }

  async #answer(inquiry: Inquiry): Promise<void> {
    const { number } = inquiry
    try {
      await this.#deps.reply({ number, value: await this.#ask(inquiry) })
    } catch (error) {
      await this.#refuse(number, error)
    }
  }

  /** It is open no more before the worker can know what came of it: what it asks next is taken. */
  async #ask(inquiry: Inquiry): Promise<unknown> {
    try {
      return await this.#deps.ask(inquiry)
    } finally {
      this.#pending--
    }
  }

  async #refuse(number: number, error: unknown): Promise<void> {
    const isMeant = error instanceof Refusal
    if (!isMeant) this.#deps.logger.error({ err: error }, 'what a task asked could not be answered')
    const { code, message, retryAfterSeconds } = isMeant
      ? error
      : new Refusal('INTERNAL', 'something went wrong here: try again')
    const later = retryAfterSeconds !== undefined && { retryAfterSeconds }
    await this.#deps.reply({ number, refusal: { code, message, ...later } })
  }
}
