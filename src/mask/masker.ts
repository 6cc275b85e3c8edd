import { zeroable } from '../system/zeroable.ts'
import { isSpace } from './bytes.ts'
import { cover, include, type Region } from './coverage.ts'
import type { Needles } from './needles.ts'
import { minNeedleBytes } from './parts.ts'

/** What is held back is looked at again after so long without more, in the worker as in the orchestrator. */
export const flushMs = 250

const mask = Buffer.from('***')
const nothing = Buffer.alloc(0)

/**
 * Masks secrets in a stream of bytes, however they were chopped. It holds back only what may be the beginning of a
 * secret, at most 63 bytes, and goes on holding that until it is known: also needles that come while it runs find it.
 */
export class Masker {
  readonly #needles: Needles
  /** The end of the stream so far, from where a needle may begin. */
  #held: Buffer = nothing
  /** So many of the held bytes belong to a needle that began before them, or ended in them. */
  #covered = 0
  /** So many of the held bytes have been let out already, as they are or as a mask. */
  #shown = 0
  /** Nothing but a mask was let out last: what is hidden next belongs to it. */
  #isMasking = false

  constructor(needles: Needles) {
    this.#needles = needles
  }

  get isHolding(): boolean {
    return this.#held.length > 0
  }

  /**
   * What may be shown now, nothing once the secrets are wiped. The chunk itself when it holds nothing to hide, else
   * bytes of its own; it is not changed.
   */
  push(chunk: Buffer): Buffer {
    if (this.#needles.areWiped) return this.#forget()
    if (chunk.length === 0 || (this.#needles.areNone && !this.isHolding)) return chunk
    const text = this.isHolding ? this.#join(chunk) : chunk
    const { regions, open } = cover(text, this.#needles.index, this.#covered, true)
    if (text === chunk && regions.length === 0 && open === chunk.length) {
      this.#isMasking = false
      return chunk
    }
    const shown = this.#show(text, regions, open)
    this.#hold(text, open, (regions.at(-1)?.to ?? 0) - open)
    if (text !== chunk) text.fill(0)
    return shown
  }

  /**
   * What is known by now of what is held back: whole secrets that may be the beginning of longer ones, masked, and the
   * white space behind them. The beginning of a secret that has not ended stays.
   */
  flush(): Buffer {
    if (this.#needles.areWiped) return this.#forget()
    const { regions } = cover(this.#held, this.#needles.index, this.#covered, false)
    let end = this.#shown
    for (let known = end; known >= 0; ) {
      end = known
      const region = regions.find(({ from, to }) => from <= end && end < to)
      known = region ? region.to : isSpace(this.#held[end]) ? end + 1 : -1
    }
    const shown = this.#show(this.#held, regions, end)
    this.#shown = end
    return shown
  }

  /** What is left at the end of the stream. The beginning of a secret is masked like one when it is as long as one may be. */
  end(): Buffer {
    if (this.#needles.areWiped) return this.#forget()
    if (!this.isHolding) return nothing
    const { index } = this.#needles
    const text = this.#held
    const { regions } = cover(text, index, this.#covered, false)
    const cutOff = this.#cutOff()
    const shown = this.#show(text, cutOff === undefined ? regions : withRest(regions, cutOff, text.length), text.length)
    this.#hold(text, text.length, 0)
    return shown
  }

  /** What is held may be a secret that nobody else has any more. */
  #forget(): Buffer {
    this.#held.fill(0)
    this.#held = nothing
    return nothing
  }

  /** Where a secret begins whose end never came. */
  #cutOff(): number | undefined {
    const { index } = this.#needles
    for (let at = 0; at + minNeedleBytes <= this.#held.length; at++) if (index.isBeginning(this.#held, at)) return at
    return undefined
  }

  #join(chunk: Buffer): Buffer {
    const text = zeroable(this.#held.length + chunk.length)
    text.set(this.#held)
    text.set(chunk, this.#held.length)
    return text
  }

  /** Everything that has not been shown before, up to an end. */
  #show(text: Buffer, regions: readonly Region[], end: number): Buffer {
    const pieces: Buffer[] = []
    let at = this.#shown
    const letThrough = (to: number) => {
      if (to <= at) return
      pieces.push(text.subarray(at, to))
      this.#isMasking = false
    }
    for (const { from, to } of regions) {
      if (to <= at || from >= end) continue
      letThrough(from)
      if (!this.#isMasking) pieces.push(mask)
      this.#isMasking = true
      at = to
    }
    letThrough(end)
    return Buffer.concat(pieces)
  }

  #hold(text: Buffer, open: number, covered: number): void {
    const held = zeroable(text.length - open)
    held.set(text.subarray(open))
    this.#held.fill(0)
    this.#held = held
    this.#covered = Math.max(0, covered)
    this.#shown = Math.max(0, this.#shown - open)
  }
}

function withRest(regions: readonly Region[], from: number, to: number): Region[] {
  const before = regions.filter((region) => region.from < from).map((region) => ({ ...region }))
  include(before, from, to)
  return before
}
