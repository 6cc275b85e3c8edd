import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LineSplitter, maxLineBytes } from '../../src/stream/lines.ts'

function split(chunks: readonly Uint8Array[]): string[] {
  const splitter = new LineSplitter()
  const lines = chunks.flatMap((chunk) => splitter.push(Buffer.from(chunk)))
  return [...lines, ...splitter.end()]
}

function chop(bytes: Uint8Array, at: readonly number[]): Uint8Array[] {
  const places = [0, ...at.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
  return places.slice(1).map((end, i) => bytes.subarray(places[i], end))
}

const cuts = fc.array(fc.nat(), { maxLength: 40, size: 'max' })
/** Full of what matters: ends of lines, halves of characters. */
const wild = fc.array(
  fc.oneof(
    fc.uint8Array({ maxLength: 20 }),
    fc.constantFrom('\n', '\r\n', '\r', '\n\n', '🦋', 'ü', '\ufeff').map((text) => Buffer.from(text)),
    fc.integer({ min: 1, max: 3 }).map((some) => Buffer.alloc(some * (maxLineBytes / 2) + some, 'é')),
  ),
  { maxLength: 30, size: 'max' },
)

/** The same, cut first and decoded then: good for lines that are not too long. */
function splitSimply(bytes: Buffer): string[] {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  const lines: string[] = []
  let start = 0
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, start)) {
    lines.push(decoder.decode(bytes.subarray(start, at)).replace(/\r$/, ''))
    start = at + 1
  }
  return start === bytes.length ? lines : [...lines, decoder.decode(bytes.subarray(start))]
}

/** Many lines in one chunk, some of them as long as lines may be, and bytes that are no text. */
const flood = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.constantFrom('y\n', '\n', '\r\n', '\r', 'é', '🦋\n', '\ufeff').map((text) => Buffer.from(text)),
    },
    { weight: 4, arbitrary: fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes)) },
    {
      weight: 1,
      arbitrary: fc.integer({ min: 1, max: maxLineBytes }).map((many) => Buffer.from(`\n${'x'.repeat(many)}\n`)),
    },
  ),
  { maxLength: 200, size: 'max' },
)

describe('lines', () => {
  it('are those of the text, wherever its bytes are cut', () => {
    fc.assert(
      fc.property(flood, cuts, (pieces, at) => {
        const bytes = Buffer.concat(pieces)
        expect(split(chop(bytes, at))).toEqual(splitSimply(bytes))
      }),
    )
  })

  it('are the same wherever their bytes are cut', () => {
    fc.assert(
      fc.property(wild, cuts, (pieces, at) => {
        const bytes = Buffer.concat(pieces)
        expect(split(chop(bytes, at))).toEqual(split([bytes]))
      }),
    )
  })

  it('joined again are the text', () => {
    const line = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 50 }),
      fc.constantFrom('', '\ufeff', 'x'.repeat(maxLineBytes), 'a\rb'),
    )
    const text = fc.array(
      line.map((one) => one.replaceAll('\n', '').replace(/\r+$/, '')),
      { maxLength: 30, size: 'max' },
    )
    fc.assert(
      fc.property(text, cuts, fc.constantFrom('\n', '\r\n'), (lines, at, end) => {
        const bytes = new TextEncoder().encode(lines.map((one) => one + end).join(''))
        const known = lines.map((one) =>
          new TextDecoder('utf-8', { ignoreBOM: true }).decode(new TextEncoder().encode(one)),
        )
        expect(split(chop(bytes, at)).join('\n')).toBe(known.join('\n'))
      }),
    )
  })

  it('are never longer than the limit, and lose nothing when they are cut', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 * maxLineBytes }),
        fc.constantFrom('x', 'é', '€', '🦋'),
        cuts,
        (count, one, at) => {
          const bytes = Buffer.from(one.repeat(Math.ceil(count / Buffer.byteLength(one))))
          const lines = split(chop(bytes, at))
          expect(lines.every((line) => Buffer.byteLength(line) <= maxLineBytes)).toBe(true)
          expect(lines.join('')).toBe(bytes.toString())
        },
      ),
      { numRuns: 50 },
    )
  })

  it('hold no more than one line in memory, whatever comes', () => {
    const splitter = new LineSplitter()
    for (let i = 0; i < 100; i++) splitter.push(Buffer.alloc(50_000, 0x80))
    expect(splitter.end().join('').length).toBeLessThanOrEqual(maxLineBytes)
  })

  it('that never end are one at the end, and nothing is none', () => {
    expect(split([Buffer.from('no end')])).toEqual(['no end'])
    expect(split([])).toEqual([])
    expect(split([Buffer.from('\n')])).toEqual([''])
  })
})
