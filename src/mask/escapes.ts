import type { Forms } from './forms.ts'

const hexDigits = Buffer.from('0123456789abcdef')

export type Encoding = (value: Uint8Array, out: Forms) => void

/** An encoding that leaves all as it is but some bytes: a table of 256 that is 1 for each of these. */
export interface Escaping {
  readonly encoding: Encoding
  readonly changes: Uint8Array
}

/** Made when they are needed: a worker loads this file at each start, and few have secrets to tell. */
export function makeEscapings() {
  const controls = Array.from({ length: 0x20 }, (_, code) => String.fromCharCode(code))
  const json = escapesOf([...controls, '"', '\\'], inJson)
  const inSource = [...controls, '\u007f', '\\']
  return {
    json: escapeBy(json),
    jsonTwice: escapeBy(escapesOf([...controls, '"', '\\'], (character) => inJson(inJson(character)))),
    ascii: [
      (value: Uint8Array, out: Forms) => escapeAsciiJson(value, json, out),
      // As Python shows bytes, whose quotes may be of either kind, too.
      escapeBy(inBytes(escapesOf(inSource, inPython))),
      escapeBy(inBytes(escapesOf([...inSource, "'"], inQuotes(inPython)))),
    ],
    rarer: [
      ...markups.map((names) => escaping([...names.keys()], (character) => names.get(character) ?? character)),
      // As consoles show it: of JavaScript, and of Python, whose quotes may be of either kind.
      escaping(inSource, inJavaScript),
      escaping(inSource, inPython),
      escaping([...inSource, "'"], inQuotes(inJavaScript)),
      escaping([...inSource, "'"], inQuotes(inPython)),
      // As shells show it, in quotes and word by word.
      escaping(["'"], () => "'\\''"),
      escaping([...shellMarks], (character) => `\\${character}`),
    ],
  }
}

/** In XML, and with the numbers that the templates of JavaScript, Python and Go prefer. */
const markups = [
  { '"': '&quot;', "'": '&apos;' },
  { '"': '&quot;', "'": '&#39;' },
  { '"': '&quot;', "'": '&#x27;' },
  { '"': '&#34;', "'": '&#39;' },
].map((quotes) => new Map(Object.entries({ '&': '&amp;', '<': '&lt;', '>': '&gt;', ...quotes })))

const shellMarks = ' !"#$&\'()*,;<>?[\\]^`{|}~'

function escaping(characters: readonly string[], inForm: (character: string) => string): Escaping {
  const escapes = escapesOf(characters, inForm)
  const changes = new Uint8Array(256)
  for (const byte of escapes.keys()) changes[byte] = 1
  return { encoding: escapeBy(escapes), changes }
}

function inJavaScript(character: string): string {
  const letter = { '\b': 'b', '\t': 't', '\n': 'n', '\f': 'f', '\r': 'r', '\\': '\\' }[character]
  return letter ? `\\${letter}` : inHex(character.charCodeAt(0)).toUpperCase().replace('X', 'x')
}

function inPython(character: string): string {
  const letter = { '\t': 't', '\n': 'n', '\r': 'r', '\\': '\\' }[character]
  return letter ? `\\${letter}` : inHex(character.charCodeAt(0))
}

function inQuotes(inForm: (character: string) => string) {
  return (character: string): string => (character === "'" ? "\\'" : inForm(character))
}

/** Besides these, every byte that is not ASCII. */
function inBytes(escapes: Escapes): Escapes {
  for (let byte = 0x80; byte < 0x100; byte++) escapes.set(byte, Buffer.from(inHex(byte)))
  return escapes
}

function inHex(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`
}

/** As JSON.stringify does it. */
function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}

function escapeBy(escapes: Escapes): Encoding {
  return (value, out) => {
    for (const byte of value) writeNamed(byte, escapes, out)
  }
}

/** As it is done where JSON is to be ASCII: every other character by its UTF-16 units. */
function escapeAsciiJson(value: Uint8Array, escapes: Escapes, out: Forms): void {
  for (let at = 0; at < value.length; ) {
    const lead = value[at] as number
    const length = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
    if (length === 1) writeNamed(lead, escapes, out)
    else writeUnits(codePointAt(value, at, length), out)
    at += length
  }
}

function writeNamed(byte: number, escapes: Escapes, out: Forms): void {
  const escaped = escapes.get(byte)
  if (escaped) for (const one of escaped) out.write(one)
  else out.write(byte)
}

function writeUnits(code: number, out: Forms): void {
  if (code < 0x10000) {
    writeUnit(code, out)
  } else {
    writeUnit(0xd800 + ((code - 0x10000) >> 10), out)
    writeUnit(0xdc00 + ((code - 0x10000) & 0x3ff), out)
  }
}

/** `\uXXXX` */
function writeUnit(unit: number, out: Forms): void {
  out.write(0x5c)
  out.write(0x75)
  for (let shift = 12; shift >= 0; shift -= 4) out.write(hexDigits[(unit >> shift) & 15] as number)
}

function codePointAt(value: Uint8Array, at: number, length: number): number {
  let code = (value[at] as number) & (0xff >> (length + 1))
  for (let i = at + 1; i < at + length; i++) code = (code << 6) | ((value[i] ?? 0) & 0x3f)
  return code
}

type Escapes = Map<number, Uint8Array>

function escapesOf(characters: readonly string[], inForm: (character: string) => string): Escapes {
  return new Map(characters.map((character) => [character.charCodeAt(0), Buffer.from(inForm(character))]))
}
