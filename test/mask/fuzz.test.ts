import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { linesOf } from '../../src/mask/parts.ts'
import { refusalOfSecret } from '../../src/mask/refusal.ts'
import { masked, needlesOf, tellings } from './fixture.ts'

const runs = 10_000

const letters = fc.constantFrom(...'abAB01-_=+/%&"\\\'\n\t {}[]:,.~!?').map((letter) => letter.charCodeAt(0))
/** Few different letters, so that secrets begin in each other and in themselves; or any bytes, or something long. */
const secret = fc
  .oneof(
    fc.array(letters, { minLength: 6, maxLength: 30 }),
    fc.array(fc.constantFrom(97, 98, 99), { minLength: 6, maxLength: 12 }),
    fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 6, maxLength: 40 }),
    fc.array(letters, { minLength: 60, maxLength: 300 }),
  )
  .map((bytes) => Buffer.from(bytes))
  .filter((bytes) => refusalOfSecret(bytes) === undefined)
const secrets = fc.array(secret, { minLength: 1, maxLength: 4 })

const piece = fc.oneof(
  { weight: 3, arbitrary: fc.record({ which: fc.nat(3), telling: fc.constantFrom(...Object.keys(tellings)) }) },
  { weight: 1, arbitrary: fc.array(letters, { maxLength: 12 }).map((bytes) => Buffer.from(bytes)) },
)
const cuts = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 12 })

/** In chunks of these lengths, again and again. */
function cut(text: Buffer, lengths: readonly number[]): Buffer[] {
  const chunks: Buffer[] = []
  for (let at = 0, turn = 0; at < text.length; turn++) {
    const length = lengths[turn % lengths.length] as number
    chunks.push(text.subarray(at, at + length))
    at += length
  }
  return chunks
}

/** Bytes as they are, in one place or the other. */
const latin1 = (bytes: Uint8Array | string) => Buffer.from(bytes as string).toString('latin1')

/** What a secret alone determines of a form, without the white space around it. */
function needleIn(secret: Buffer, name: string): string {
  const trimmed = Buffer.from(latin1(secret).trim(), 'latin1')
  const told = latin1((tellings[name] as (secret: Buffer) => string | Buffer)(trimmed)).replaceAll(
    '\n',
    name.startsWith('base64') ? '' : '\n',
  )
  const shift = name.endsWith('one byte') ? 1 : name.endsWith('two bytes') ? 2 : 0
  if (!name.startsWith('base64')) return told
  return told.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + trimmed.length) * 8) / 6))
}

describe('a masked stream', () => {
  it(`shows no secret in any form, however it is cut (${runs} cases)`, () => {
    let hidden = 0
    const property = fc.property(
      secrets,
      fc.array(piece, { maxLength: 8 }),
      cuts,
      fc.boolean(),
      (all, pieces, lengths, flushes) => {
        const told = pieces.map((one) =>
          Buffer.isBuffer(one)
            ? one
            : Buffer.from(tellings[one.telling]?.(all[one.which % all.length] as Buffer) ?? ''),
        )
        const shown = masked(needlesOf(...all), cut(Buffer.concat(told), lengths), flushes)
        for (const one of all) {
          const lines = [...linesOf(one)].filter((line) => line.length >= 6 && new Set(line).size > 2)
          const needles = [...Object.keys(tellings).map((name) => needleIn(one, name)), ...lines.map(latin1)]
          // An `expect` for each takes most of the time.
          expect(needles.find((needle) => shown.includes(needle))).toBeUndefined()
        }
        if (shown.includes('***')) hidden++
      },
    )
    fc.assert(property, { numRuns: runs })
    expect(hidden).toBeGreaterThan(runs / 2)
  }, 300_000)

  it(`shows the same however it is cut, when nothing is flushed`, () => {
    fc.assert(
      fc.property(secrets, fc.array(piece, { maxLength: 8 }), cuts, (all, pieces, lengths) => {
        const told = Buffer.concat(
          pieces.map((one) =>
            Buffer.isBuffer(one)
              ? one
              : Buffer.from(tellings[one.telling]?.(all[one.which % all.length] as Buffer) ?? ''),
          ),
        )
        expect(masked(needlesOf(...all), cut(told, lengths))).toBe(masked(needlesOf(...all), [told]))
      }),
      { numRuns: 2_000 },
    )
  }, 120_000)

  it('shows what holds no secret as it is, and all of it', () => {
    const text = fc
      .array(fc.constantFrom(...'xyzXYZ789 \n'), { maxLength: 400 })
      .map((all) => Buffer.from(all.join('')))
    const foreign = fc
      .array(fc.constantFrom(...'#@$^|<>;'), { minLength: 6, maxLength: 80 })
      .map((all) => Buffer.from(all.join('')))
      .filter((bytes) => refusalOfSecret(bytes) === undefined)
    fc.assert(
      fc.property(fc.array(foreign, { maxLength: 3 }), text, cuts, fc.boolean(), (all, told, lengths, flushes) => {
        expect(masked(needlesOf(...all), cut(told, lengths), flushes)).toBe(latin1(told))
      }),
      { numRuns: 5_000 },
    )
  }, 120_000)
})
