import { stripVTControlCharacters } from 'node:util'

/**
 * Text from a task or a stranger, harmless on a terminal: whole control sequences (colours, titles, links, cursor moves)
 * are taken out, and every control character that is left, bidirectional marks included, becomes visible. Tabs and ends
 * of lines stay.
 */
export function safe(text: string): string {
  return stripVTControlCharacters(text.replaceAll('\r\n', '\n')).replaceAll(harmful, visible)
}

/** The same on one line. */
export function safeLine(text: string): string {
  return safe(text).replaceAll(/[\n\t]+/g, ' ')
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: making them visible is the point
const harmful = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g

const deleteCode = 0x7f
const pictures = 0x2400

function visible(character: string): string {
  const code = character.charCodeAt(0)
  if (code < 0x20) return String.fromCharCode(pictures + code)
  if (code === deleteCode) return '\u2421'
  return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`
}
