import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { answerOf, initialText } from '../../../../src/faces/vscode/input/answers.ts'
import { questionsOf } from '../../../../src/faces/vscode/input/questions.ts'
import { wordsIn } from '../../../../src/faces/vscode/input/words.ts'

/** What a text means for a member with this schema. */
function answer(schema: object, text: string) {
  const [question] = questionsOf({ required: ['it'], properties: { it: schema } })
  if (!question) throw new Error('there is no question')
  return answerOf(question, text)
}

describe('an answer', () => {
  it.each([
    [{ type: 'string' }, 'hello', 'hello'],
    [{ type: 'integer' }, ' 12 ', 12],
    [{ type: 'number' }, '0.5', 0.5],
    [
      { type: 'array', items: { type: 'string' } },
      'sh -c "echo \\"hi\\" there" \'\'',
      ['sh', '-c', 'echo "hi" there', ''],
    ],
    [{ type: 'array', items: { type: 'string' } }, '["a b", "c"]', ['a b', 'c']],
    [{ type: 'object' }, '{"a": 1}', { a: 1 }],
    [{}, 'null', null],
  ])('to %j may be %j', (schema, text, value) => {
    expect(answer(schema, text)).toEqual({ value })
  })

  it.each([
    [{ type: 'string' }, '', 'this is needed'],
    [{ type: 'string', maxLength: 2 }, 'abc', 'at most 2 characters'],
    [{ type: 'string', pattern: '^a+$' }, 'b', 'has to match ^a+$'],
    [{ type: 'integer' }, '1.5', 'whole number'],
    [{ type: 'integer' }, 'many', 'not a number'],
    [{ type: 'integer', minimum: 1, maximum: 9 }, '10', 'at most 9'],
    [{ type: 'array', items: { type: 'string' }, minItems: 1 }, ' ', 'at least 1'],
    [{ type: 'array', items: { type: 'string' } }, 'say "hi', 'a quote is not closed'],
    [{ type: 'object' }, '[1]', 'an object, such as'],
    [{ type: 'array', items: { type: 'object' } }, '{}', 'an array, such as'],
    [{ type: 'object' }, '{a: 1}', 'not JSON'],
  ])('to %j is not %j', (schema, text, part) => {
    expect(answer(schema, text)).toMatchObject({ complaint: expect.stringContaining(part) })
  })

  it('with a pattern that nobody can read is the server’s to check', () => {
    expect(answer({ type: 'string', pattern: '(' }, 'x')).toEqual({ value: 'x' })
  })

  it('begins with what the schema says is usual', () => {
    const [text, number] = questionsOf({
      properties: { a: { type: 'string', default: 'x' }, b: { type: 'integer', default: 3 } },
    })
    expect([text && initialText(text), number && initialText(number)]).toEqual(['x', '3'])
  })
})

describe('words', () => {
  it('come back as they were, when they are quoted as shells do', () => {
    const quoted = (word: string) => `"${word.replaceAll(/["\\]/g, '\\$&')}"`
    fc.assert(
      fc.property(fc.array(fc.string()), (words) => {
        expect(wordsIn(words.map(quoted).join('  '))).toEqual(words)
      }),
    )
  })
})
