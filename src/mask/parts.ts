import { trim } from './bytes.ts'
import { leavesOf, looksLikeJson } from './leaves.ts'

/** What is shorter stands in ordinary text by chance: masking it would hide what is no secret, and tell what is one. */
export const minNeedleBytes = 6

/**
 * A longer form is cut into pieces of at most this: so much is held back of a stream at most, and so much compared, and
 * also a large part of a long secret is masked.
 */
export const maxNeedleBytes = 64

/** Whether it can be told from ordinary text. */
export function isMaskable(part: Uint8Array): boolean {
  return part.length >= minNeedleBytes && isVaried(part)
}

/** Three different bytes at least: `aaaaaa`, `------` and the like stand in ordinary text, too. */
export function isVaried(part: Uint8Array): boolean {
  const [first] = part
  let second: number | undefined
  for (const byte of part) {
    if (byte === first || byte === second) continue
    if (second !== undefined) return true
    second = byte
  }
  return false
}

const newline = 0x0a
const pemBoundary = Buffer.from('-----')

/** The lines of a value, trimmed; the ones around a key in PEM are no secret. */
export function* linesOf(value: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < value.length; ) {
    const at = value.indexOf(newline, start)
    const end = at < 0 ? value.length : at
    const line = trim(value.subarray(start, end))
    if (!pemBoundary.equals(line.subarray(0, pemBoundary.length))) yield line
    start = end + 1
  }
}

export function isMultiLine(trimmed: Uint8Array): boolean {
  return trimmed.includes(newline)
}

/**
 * Everything of a secret that must not be shown, by itself: the whole, its lines, and the values in it when it is JSON,
 * with theirs. What cannot be told from ordinary text is left out. Each is only good until the next.
 */
export function* partsOf(value: Uint8Array): Generator<Uint8Array> {
  yield* withLines(value)
  if (!looksLikeJson(trim(value))) return
  for (const leaf of leavesOf(value)) {
    yield* withLines(leaf)
    leaf.fill(0)
  }
}

function* withLines(value: Uint8Array): Generator<Uint8Array> {
  const trimmed = trim(value)
  if (isMaskable(trimmed)) yield trimmed
  if (!isMultiLine(trimmed)) return
  for (const line of linesOf(trimmed)) if (isMaskable(line)) yield line
}
