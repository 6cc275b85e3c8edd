/** Salesforce ids in 12 bytes: millions of them fit where strings would not. */

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const digitValues = new Uint8Array(128).fill(255)
for (const [value, digit] of [...digits].entries()) digitValues[digit.charCodeAt(0)] = value
const suffixDigits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345'

export type Packed = readonly [number, number, number]

/** Of an id with 15 or 18 characters; undefined for anything else. */
export function packId(id: string): Packed | undefined {
  if (id.length !== 15 && id.length !== 18) return
  const first = packFive(id, 0)
  const second = packFive(id, 5)
  const third = packFive(id, 10)
  return first < 0 || second < 0 || third < 0 ? undefined : [first, second, third]
}

function packFive(id: string, start: number): number {
  let packed = 0
  for (let at = start; at < start + 5; at++) {
    const value = digitValues[id.charCodeAt(at)] ?? 255
    if (value === 255) return -1
    packed = packed * 62 + value
  }
  return packed
}

/** With 18 characters. */
export function unpackId([first, second, third]: Packed): string {
  const id = unpackFive(first) + unpackFive(second) + unpackFive(third)
  return id + suffixOf(id)
}

function unpackFive(packed: number): string {
  let text = ''
  for (let rest = packed, left = 5; left > 0; left--, rest = Math.floor(rest / 62)) text = digits[rest % 62] + text
  return text
}

/** With 18 characters, whichever it has; what is no id stays as it is. */
export function longId(id: string): string {
  return id.length === 15 && packId(id) ? id + suffixOf(id) : id
}

/** Which of the characters are upper case letters, five at a time. */
function suffixOf(id: string): string {
  return suffixPart(id, 0) + suffixPart(id, 5) + suffixPart(id, 10)
}

function suffixPart(id: string, start: number): string {
  let bits = 0
  for (let at = 0; at < 5; at++) {
    const code = id.charCodeAt(start + at)
    if (code >= 65 && code <= 90) bits |= 1 << at
  }
  return suffixDigits[bits] ?? ''
}
