import pino from 'pino'
import { describe, expect, it } from 'vitest'
import { MOST_QUESTIONS } from '../../src/protocol/frame.ts'
import type { AnswerFrame } from '../../src/protocol/messages.ts'
import { BrokenFrame } from '../../src/protocol/parser.ts'
import { Inquiries, type Inquiry } from '../../src/stream/inquiries.ts'
import { Refusal } from '../../src/task/errors.ts'

const children = (number: number): Inquiry => ({ type: 'children', number, after: '' })

/** Answers nothing before it is let go. */
function held(ask = async (inquiry: Inquiry): Promise<unknown> => inquiry.number) {
  const gate = Promise.withResolvers<void>()
  const replies: AnswerFrame[] = []
  const inquiries: Inquiries = new Inquiries({
    ask: (inquiry) => gate.promise.then(() => ask(inquiry)),
    reply: async (answer) => void replies.push(answer),
    logger: pino({ level: 'silent' }),
  })
  return { inquiries, replies, letGo: gate.resolve }
}

describe('what a task asks', () => {
  it('is answered one after the other, in its order', async () => {
    const { inquiries, replies, letGo } = held()
    for (const number of [1, 2, 3]) inquiries.take(children(number))
    expect(replies).toEqual([])
    letGo()
    await inquiries.answered
    expect(replies).toEqual([1, 2, 3].map((number) => ({ number, value: number })))
  })

  it('is refused in its place, with the sentence that says why, or that it was not its fault', async () => {
    const { inquiries, replies, letGo } = held(async ({ number }) => {
      if (number === 1) throw new Refusal('TOO_MANY', 'it has enough', { retryAfterSeconds: 5 })
      if (number === 2) throw new Error('the disk is gone')
      return 'here'
    })
    for (const number of [1, 2, 3]) inquiries.take(children(number))
    letGo()
    await inquiries.answered
    expect(replies).toEqual([
      { number: 1, refusal: { code: 'TOO_MANY', message: 'it has enough', retryAfterSeconds: 5 } },
      { number: 2, refusal: { code: 'INTERNAL', message: 'something went wrong here: try again' } },
      { number: 3, value: 'here' },
    ])
  })

  it('may be so much without an answer and no more, and a secret of what is more is wiped', () => {
    const { inquiries } = held()
    for (let number = 1; number <= MOST_QUESTIONS; number++) inquiries.take(children(number))
    const value = Buffer.from('s3cret')
    expect(() => inquiries.take({ type: 'store', number: 0, name: 'it', value })).toThrow(BrokenFrame)
    expect(value).toEqual(Buffer.alloc(6))
  })

  it('has room for the next by the time that an answer is told', async () => {
    let told = 0
    const inquiries: Inquiries = new Inquiries({
      ask: async () => null,
      reply: async () => {
        if (told++ < 2 * MOST_QUESTIONS) inquiries.take(children(told))
      },
      logger: pino({ level: 'silent' }),
    })
    for (let number = 1; number <= MOST_QUESTIONS; number++) inquiries.take(children(number))
    await expect.poll(() => told).toBe(3 * MOST_QUESTIONS)
  })
})
