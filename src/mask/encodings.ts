/** The forms in which a secret may show. Encoded by hand: what Node offers makes strings, which nobody can wipe. */
import { type Encoding, type Escaping, makeEscapings } from './escapes.ts'
import type { Forms } from './forms.ts'

const base64Digits = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/')
const base64urlDigits = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_')
const lowerHex = Buffer.from('0123456789abcdef')
const upperHex = Buffer.from('0123456789ABCDEF')

const alphanumeric = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
/** What each way to write a URL leaves besides: strict, JavaScript's component, whole and form, and Python's. */
const leftInUrls = ['-_.~', "-_.~!*'()", "-_.~!*'();/?:@&=+$,#", '*-._ ', '-_.~/']

/** How tools break base64 into lines: so many digits each. */
const base64Lines = [76, 64]
/** As many bytes as the shortest line tells. */
const unbrokenBytes = 48

/** Writes all forms of a part; some may be the same. It may rest wherever it yields. */
export function* writeForms(
  part: Uint8Array,
  out: Forms,
  { always, broken, escapes, rarer, ascii, isPlain }: Encodings,
): Generator<undefined, void> {
  const isEverywherePlain = part.every((byte) => isPlain[byte])
  const wanted = [
    ...always,
    ...(part.length > unbrokenBytes ? broken : []),
    ...(isEverywherePlain ? [] : escapes),
    ...(isEverywherePlain ? [] : rarer.filter(({ changes }) => part.some((byte) => changes[byte])).map(encodingOf)),
    ...(part.every(isAscii) ? [] : ascii),
  ]
  for (const encoding of wanted) {
    encoding(part, out)
    out.close()
    yield
  }
}

export interface Encodings {
  readonly always: readonly Encoding[]
  readonly broken: readonly Encoding[]
  /** What leaves letters and digits as they are. */
  readonly escapes: readonly Encoding[]
  /** What differs from the others only where a value has one of certain characters. */
  readonly rarer: readonly Escaping[]
  /** What differs from the others only where a value is not ASCII. */
  readonly ascii: readonly Encoding[]
  /** 1 for each letter and digit. */
  readonly isPlain: Uint8Array
}

export function makeEncodings(): Encodings {
  const { json, jsonTwice, ascii, rarer } = makeEscapings()
  const left = leftInUrls.map((marks) => bytesIn(alphanumeric + marks))
  const always: Encoding[] = [
    (value, out) => {
      for (const byte of value) out.write(byte)
    },
    ...[base64Digits, base64urlDigits].flatMap((digits) => [0, 1, 2].map((shift) => base64(digits, shift))),
    ...[lowerHex, upperHex].map(hex),
  ]
  const percents = [lowerHex, upperHex].flatMap((digits) => left.map((one) => percent(digits, one)))
  return {
    always,
    broken: base64Lines.map((digits) => base64(base64Digits, 0, digits)),
    escapes: [...percents, json, jsonTwice],
    rarer,
    ascii,
    isPlain: bytesIn(alphanumeric),
  }
}

function encodingOf({ encoding }: Escaping): Encoding {
  return encoding
}

function isAscii(byte: number): boolean {
  return byte < 0x80
}

/** A table of 256 that is 1 for each of these. */
function bytesIn(characters: string): Uint8Array {
  const table = new Uint8Array(256)
  for (const byte of Buffer.from(characters)) table[byte] = 1
  return table
}

/** Of a value that so many bytes stand before, modulo 3: only the digits that the value determines alone. */
function base64(digits: Uint8Array, shift: number, lineDigits = 0): Encoding {
  return (value, out) => {
    const bits = value.length * 8
    let written = 0
    for (let bit = [0, 4, 2][shift] as number; bit + 6 <= bits; bit += 6) {
      const at = bit >> 3
      const pair = ((value[at] as number) << 8) | (value[at + 1] ?? 0)
      out.write(digits[(pair >> (10 - (bit & 7))) & 63] as number)
      if (++written === lineDigits) {
        out.close()
        written = 0
      }
    }
  }
}

function hex(digits: Uint8Array): Encoding {
  return (value, out) => {
    for (const byte of value) writeHex(byte, digits, out)
  }
}

/** A space that is left becomes a plus: so forms do it. */
function percent(digits: Uint8Array, left: Uint8Array): Encoding {
  return (value, out) => {
    for (const byte of value) {
      if (left[byte]) {
        out.write(byte === 0x20 ? 0x2b : byte)
      } else {
        out.write(0x25)
        writeHex(byte, digits, out)
      }
    }
  }
}

function writeHex(byte: number, digits: Uint8Array, out: Forms): void {
  out.write(digits[byte >> 4] as number)
  out.write(digits[byte & 15] as number)
}
