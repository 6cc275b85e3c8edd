import { writeSync } from 'node:fs'
import { type CueCell, gone } from '../cues.ts'
import type { Result } from '../reply.ts'

/** Says what moves that are durable now have to say, and whether it was said. */
export function giveCues(results: readonly Result[], cell: CueCell): readonly Result[] {
  return results.map((result) => {
    if (!('cue' in result) || result.cue === undefined) return result
    const { cue, ...landed } = result
    return { ...landed, cued: give(Buffer.from(cue, 'base64'), cell) }
  })
}

/** The pipe has room for it or takes nothing of it: it is a few bytes. */
function give(bytes: Uint8Array, cell: CueCell): boolean {
  const descriptor = Atomics.exchange(cell, 0, gone)
  if (descriptor <= 0) return false
  try {
    return writeSync(descriptor, bytes) === bytes.length
  } catch {
    // Whoever it was for is gone, or does not listen.
    return false
  }
}
