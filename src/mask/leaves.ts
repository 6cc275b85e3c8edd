import { zeroable, zeroableCopy } from '../system/zeroable.ts'

const [quote, backslash, colon] = [0x22, 0x5c, 0x3a]
/** What JSON opens with, what it then closes with, and what may come next. */
const openings = [
  { open: 0x7b, close: 0x7d, next: Buffer.from('"}') },
  { open: 0x5b, close: 0x5d, next: Buffer.from('"{[]-0123456789tfn') },
] as const

/** Escapes of JSON with the byte that each stands for. */
const escapes: ReadonlyMap<number | undefined, number> = new Map(
  Object.entries({ b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }).map(([letter, meant]) => [
    letter.charCodeAt(0),
    meant.charCodeAt(0),
  ]),
)

/** Whether it looks like an object or an array of JSON; not whether it is one. */
export function looksLikeJson(trimmed: Uint8Array): boolean {
  const opening = openings.find(({ open }) => open === trimmed[0])
  const next = trimmed[afterSpace(trimmed, 1)]
  return !!opening && next !== undefined && trimmed.at(-1) === opening.close && opening.next.includes(next)
}

/**
 * The strings and numbers that a JSON text holds as values, each in a buffer to be wiped. Read from the bytes, because
 * JSON.parse would make strings of them, which nobody can wipe.
 */
export function* leavesOf(json: Uint8Array): Generator<Buffer> {
  for (let at = 0; at < json.length; ) {
    const start = at
    at = json[at] === quote ? stringEnd(json, at) : numberEnd(json, at)
    if (at === start) at++
    else if (json[start] !== quote) yield zeroableCopy(json.subarray(start, at))
    else if (!isKey(json, at)) yield unescaped(json.subarray(start + 1, at - 1))
  }
}

/** Behind the closing quote. */
function stringEnd(json: Uint8Array, start: number): number {
  let at = start + 1
  while (at < json.length && json[at] !== quote) at += json[at] === backslash ? 2 : 1
  return Math.min(at + 1, json.length)
}

function numberEnd(json: Uint8Array, start: number): number {
  let at = start
  while (isOfNumber(json[at])) at++
  return at
}

function isOfNumber(byte: number | undefined): boolean {
  return byte !== undefined && ((byte >= 0x30 && byte <= 0x39) || byte === 0x2d || byte === 0x2b || byte === 0x2e)
}

function isKey(json: Uint8Array, end: number): boolean {
  return json[afterSpace(json, end)] === colon
}

function afterSpace(json: Uint8Array, start: number): number {
  let at = start
  while (at < json.length && (json[at] as number) <= 0x20) at++
  return at
}

function unescaped(escaped: Uint8Array): Buffer {
  const bytes = zeroable(escaped.length)
  let length = 0
  for (let at = 0; at < escaped.length; ) {
    if (escaped[at] !== backslash) {
      bytes[length++] = escaped[at++] as number
    } else if (escaped[at + 1] !== 0x75) {
      bytes[length++] = escapes.get(escaped[at + 1]) ?? escaped[at + 1] ?? backslash
      at += 2
    } else {
      const { code, next } = codePoint(escaped, at)
      length = writeCodePoint(code, bytes, length)
      at = next
    }
  }
  return bytes.subarray(0, length)
}

/** Of `\uXXXX`, or of two that make one character. */
function codePoint(escaped: Uint8Array, at: number): { readonly code: number; readonly next: number } {
  const high = hexAt(escaped, at + 2)
  const isPair = high >= 0xd800 && high < 0xdc00 && escaped[at + 6] === backslash && escaped[at + 7] === 0x75
  if (!isPair) return { code: high, next: at + 6 }
  return { code: 0x10000 + ((high - 0xd800) << 10) + (hexAt(escaped, at + 8) - 0xdc00), next: at + 12 }
}

function hexAt(bytes: Uint8Array, at: number): number {
  let value = 0
  for (let i = at; i < at + 4; i++) {
    const byte = bytes[i] ?? 0x30
    value = value * 16 + (byte <= 0x39 ? byte - 0x30 : (byte | 0x20) - 0x57)
  }
  return value
}

/** As UTF-8; returns where the next one goes. It never needs more room than its escape. */
function writeCodePoint(code: number, bytes: Uint8Array, at: number): number {
  let next = at
  if (code < 0x80) bytes[next++] = code
  else {
    if (code < 0x800) bytes[next++] = 0xc0 | (code >> 6)
    else {
      if (code < 0x10000) bytes[next++] = 0xe0 | (code >> 12)
      else {
        bytes[next++] = 0xf0 | (code >> 18)
        bytes[next++] = 0x80 | ((code >> 12) & 0x3f)
      }
      bytes[next++] = 0x80 | ((code >> 6) & 0x3f)
    }
    bytes[next++] = 0x80 | (code & 0x3f)
  }
  return next
}
