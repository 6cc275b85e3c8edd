import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decodeJson,
  encodeFrame,
  encodeJson,
  FRAME,
  type Frame,
  type FrameType,
  HEADER_BYTES,
  isFrameType,
  MAX_FRAME_BYTES,
} from '../../src/protocol/frame.ts'
import { BrokenFrame, FrameParser } from '../../src/protocol/parser.ts'

const frameTypes = Object.values(FRAME)
const frames = fc.array(
  fc.record({ type: fc.constantFrom(...frameTypes), bytes: fc.uint8Array({ maxLength: 300, size: 'max' }) }),
  { maxLength: 20, size: 'max' },
)
const cuts = fc.array(fc.nat({ max: 5_000 }), { minLength: 1, maxLength: 60, size: 'max' })

const encode = (many: readonly Frame[]) => Buffer.concat(many.map(({ type, bytes }) => encodeFrame(type, bytes)))
const plain = (many: readonly Frame[]) => many.map(({ type, bytes }) => [type, Buffer.from(bytes).toString('hex')])

/** The bytes in pieces, cut wherever the numbers say; some pieces are empty. */
function chop(bytes: Uint8Array, at: readonly number[]): Uint8Array[] {
  const places = [0, ...at.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
  return places.slice(1).map((end, i) => bytes.subarray(places[i], end))
}

/** All frames up to the first break, and the break. */
function parse(chunks: readonly Uint8Array[]): { frames: Frame[]; broken: unknown } {
  const parser = new FrameParser()
  const found: Frame[] = []
  try {
    for (const chunk of chunks) for (const frame of parser.push(chunk)) found.push(frame)
    parser.end()
    return { frames: found, broken: undefined }
  } catch (broken) {
    return { frames: found, broken }
  }
}

function header(length: number, type: number): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES)
  bytes.writeUInt32BE(length)
  bytes.writeUInt8(type, 4)
  return bytes
}

describe('frames', () => {
  it('come back as they went, wherever their bytes are cut', () => {
    fc.assert(
      fc.property(frames, cuts, (many, at) => {
        const { frames: found, broken } = parse(chop(encode(many), at))
        expect(broken).toBeUndefined()
        expect(plain(found)).toEqual(plain(many))
      }),
    )
  })

  it('come back byte by byte', () => {
    const many: Frame[] = [
      { type: FRAME.READY, bytes: new Uint8Array(0) },
      { type: FRAME.LOG, bytes: new Uint8Array([1, 2, 3]) },
      { type: FRAME.END, bytes: new Uint8Array(0) },
    ]
    const bytes = encode(many)
    expect(plain(parse(Array.from(bytes, (_, i) => bytes.subarray(i, i + 1))).frames)).toEqual(plain(many))
  })

  it('that came before a broken one count, wherever the bytes are cut', () => {
    const unknown = fc.integer({ min: 0, max: 255 }).filter((type) => !isFrameType(type))
    const tooLong = fc.integer({ min: MAX_FRAME_BYTES + 1, max: 2 ** 32 - 1 })
    const broken = fc.oneof(
      unknown.map((type) => header(0, type)),
      fc.tuple(tooLong, fc.constantFrom(...frameTypes)).map(([length, type]) => header(length, type)),
    )
    fc.assert(
      fc.property(frames, broken, fc.uint8Array({ maxLength: 100 }), cuts, (many, bad, rest, at) => {
        const parsed = parse(chop(Buffer.concat([encode(many), bad, rest]), at))
        expect(parsed.broken).toBeInstanceOf(BrokenFrame)
        expect(plain(parsed.frames)).toEqual(plain(many))
      }),
    )
  })

  it('that end too soon are broken, wherever that is', () => {
    fc.assert(
      fc.property(
        frames,
        fc.constantFrom(...frameTypes),
        fc.integer({ min: 1, max: HEADER_BYTES + 99 }),
        (many, type, kept) => {
          const whole = encodeFrame(type, new Uint8Array(100))
          const parsed = parse([Buffer.concat([encode(many), whole.subarray(0, kept)])])
          expect(parsed.broken).toBeInstanceOf(BrokenFrame)
          expect(plain(parsed.frames)).toEqual(plain(many))
        },
      ),
    )
  })

  it('of a huge length are refused by their header alone', () => {
    const parser = new FrameParser()
    expect(() => [...parser.push(header(MAX_FRAME_BYTES + 1, FRAME.LOG))]).toThrow('over the limit')
    expect(() => [...parser.push(new Uint8Array(1))]).toThrow(BrokenFrame)
  })

  it('may be as long as the limit, and no longer', () => {
    const bytes = new Uint8Array(MAX_FRAME_BYTES)
    expect(parse([encodeFrame(FRAME.RESULT, bytes)]).frames[0]?.bytes).toHaveLength(MAX_FRAME_BYTES)
    expect(() => encodeFrame(FRAME.RESULT, new Uint8Array(MAX_FRAME_BYTES + 1))).toThrow(RangeError)
  })

  it('share no memory with the chunk that brought them', () => {
    const chunk = encodeFrame(FRAME.LOG, new Uint8Array([7]))
    const [frame] = new FrameParser().push(chunk)
    chunk.fill(0)
    expect(frame?.bytes).toEqual(new Uint8Array([7]))
  })

  it('carry any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom<FrameType>(...frameTypes), (value, type) => {
        const [frame] = new FrameParser().push(encodeJson(type, value))
        expect(frame && decodeJson(frame)).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })

  it('without bytes carry null', () => {
    expect(decodeJson({ type: FRAME.READY, bytes: new Uint8Array(0) })).toBeNull()
  })
})
