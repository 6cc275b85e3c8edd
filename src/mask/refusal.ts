import { trim } from './bytes.ts'
import { leavesOf, looksLikeJson } from './leaves.ts'
import { isMaskable, isMultiLine, isVaried, linesOf, minNeedleBytes } from './parts.ts'

/**
 * Why a value cannot be a secret: it could not be masked in what a task prints without masking ordinary text, too. One
 * sentence without the value; undefined when it can.
 */
export function refusalOfSecret(value: Uint8Array): string | undefined {
  const trimmed = trim(value)
  if (trimmed.length < minNeedleBytes) {
    return `a secret needs at least ${minNeedleBytes} bytes besides white space, or it could not be masked: choose a longer one`
  }
  if (!isVaried(trimmed)) {
    return 'a secret needs at least three different characters, or ordinary text would be masked: choose another one'
  }
  if (looksLikeJson(trimmed)) return refusalOfJson(trimmed)
  if (isMultiLine(trimmed) && ![...linesOf(trimmed)].some(isMaskable)) {
    return `a secret of several lines needs one of at least ${minNeedleBytes} bytes, or its lines could not be masked: store it without line ends`
  }
  return undefined
}

/** Something like `[x9!k` is no JSON and has no values; an empty object is refused as well as one of short values. */
function refusalOfJson(json: Uint8Array): string | undefined {
  let [isAny, isAnyMaskable] = [false, false]
  for (const leaf of leavesOf(json)) {
    isAny = true
    isAnyMaskable ||= isMaskable(trim(leaf))
    leaf.fill(0)
  }
  if (!isAny || isAnyMaskable) return undefined
  return `a secret in JSON needs a value of at least ${minNeedleBytes} bytes, or its values could not be masked: choose longer ones`
}
