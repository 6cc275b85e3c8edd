import { PassThrough } from 'node:stream'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Needles } from '../../src/mask/needles.ts'
import { type OutputDeps, streamOutput } from '../../src/stream/output.ts'
import { Vitals } from '../../src/task/vitals.ts'

const maxTextCharacters = 16 * 1024

/** The texts that one read of these lines becomes. */
async function textsOf(lines: readonly string[]): Promise<string[]> {
  const stream = new PassThrough({ highWaterMark: 2 ** 24 })
  const texts: string[] = []
  const recorder = {
    event: (_: string, { text }: { text: string }) => text,
    note: (events: readonly string[]) => texts.push(...events),
    pressure: () => undefined,
  }
  const attempt = { task: { limits: { outputMiB: 64 } } }
  const deps = { attempt, recorder, vitals: new Vitals(0), needles: new Needles(), now: () => 0, after: () => () => {} }
  const read = streamOutput(stream, 'stdout', deps as unknown as OutputDeps)
  stream.end(lines.map((line) => `${line}\n`).join(''))
  await read
  return texts
}

const short = fc.constantFrom('', 'y', 'a line of some words')
const many = fc.array(fc.oneof({ weight: 20, arbitrary: short }, fc.constant('x'.repeat(9_000))), {
  minLength: 2_049,
  maxLength: 4_000,
  size: 'max',
})

it('a flood of lines becomes a few texts, and no line of it is lost', async () => {
  await fc.assert(
    fc.asyncProperty(many, async (lines) => {
      const texts = await textsOf(lines)
      expect(texts.join('\n')).toBe(lines.join('\n'))
      expect(texts.every((text) => text.length <= maxTextCharacters)).toBe(true)
    }),
    { numRuns: 30 },
  )
})

it('a flood keeps its empty lines, also the first', async () => {
  const lines = ['', '', ...Array.from({ length: 3_000 }, (_, at) => (at % 2 ? 'y' : ''))]
  expect((await textsOf(lines)).join('\n').split('\n')).toEqual(lines)
})

it('lines that are no flood stay apart', async () => {
  expect(await textsOf(['', 'one', '', 'two'])).toEqual(['', 'one', '', 'two'])
})
