import type { Forms } from './forms.ts'

const hexDigits = Buffer.from('0123456789abcdef')

export type Encoding = (value: Uint8Array, out: Forms) => void

/** Made when they are needed: a worker loads this file at each start, and few have secrets to tell. */
export function makeEscapings(): Readonly<Record<'json' | 'jsonTwice' | 'asciiJson' | 'xml', Encoding>> {
  const controls = Array.from({ length: 0x20 }, (_, code) => String.fromCharCode(code))
  const json = escapesOf([...controls, '"', '\\'], inJson)
  return {
    json: escapeBy(json),
    jsonTwice: escapeBy(escapesOf([...controls, '"', '\\'], (character) => inJson(inJson(character)))),
    asciiJson: (value, out) => escapeAsciiJson(value, json, out),
    xml: escapeBy(escapesOf([...xmlNames.keys()], (character) => xmlNames.get(character) ?? character)),
  }
}

const xmlNames = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&apos;'],
])

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

type Escapes = ReadonlyMap<number, Uint8Array>

function escapesOf(characters: readonly string[], inForm: (character: string) => string): Escapes {
  return new Map(characters.map((character) => [character.charCodeAt(0), Buffer.from(inForm(character))]))
}
