import type { Index } from './needle-index.ts'
import { maxNeedleBytes } from './parts.ts'

/** A stretch of a text, `to` not included. */
export interface Region {
  readonly from: number
  to: number
}

export interface Coverage {
  /** What must not be shown: in order, apart from each other. */
  readonly regions: readonly Region[]
  /** Where the rest begins that may be the beginning of a needle: the text's length when none is. */
  readonly open: number
}

/**
 * What needles cover of a text; its first `covered` bytes are known to be. When it goes on, the look ends where the next
 * bytes may still complete a needle.
 */
export function cover(text: Uint8Array, index: Index, covered: number, goesOn: boolean): Coverage {
  const regions: Region[] = covered > 0 ? [{ from: 0, to: covered }] : []
  for (let at = index.next(text, 0); at < text.length; at = index.next(text, at + 1)) {
    if (goesOn && text.length - at < maxNeedleBytes && index.isBeginning(text, at)) return { regions, open: at }
    const length = index.longestAt(text, at)
    if (length > 0) include(regions, at, at + length)
  }
  return { regions, open: text.length }
}

/** They come by their beginnings; what overlaps or touches is one. */
export function include(regions: Region[], from: number, to: number): void {
  const last = regions.at(-1)
  if (last && from <= last.to) last.to = Math.max(last.to, to)
  else regions.push({ from, to })
}
