import { FRAME } from '../src/protocol/frame.ts'
import { BEAT_MS, type BeatFrame } from '../src/protocol/messages.ts'
import { report } from './pipes.ts'

/** Says from time to time that the event loop turns, and how late it did; it keeps nothing alive. */
export function startHeartbeat(): void {
  let dueAt = performance.now()
  const timer = setInterval(beat, BEAT_MS).unref()
  beat()

  function beat(): void {
    const now = performance.now()
    const lagMs = Math.max(0, Math.round(now - dueAt))
    dueAt = now + BEAT_MS
    try {
      report(FRAME.BEAT, { lagMs } satisfies BeatFrame)
    } catch {
      // Its task has closed the channel: that is not for the heart to say.
      clearInterval(timer)
    }
  }
}
