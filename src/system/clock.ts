/** Time, as everything in Mayfly sees it; tests bring their own. */
export interface Clock {
  /** Milliseconds since 1970, UTC. */
  now(): number
  /** Milliseconds that never run backwards, for durations. */
  monotonic(): number
  /** Calls once after so many milliseconds; the function returned takes the call back. Never keeps the process alive. */
  after(milliseconds: number, call: () => void): () => void
}

/** setTimeout fires at once for anything longer: 24.8 days. */
const longestTimerMs = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(milliseconds, call) {
    const timer = setTimeout(call, Math.min(Math.max(milliseconds, 0), longestTimerMs)).unref()
    return () => clearTimeout(timer)
  },
}

/**
 * As `after`, for a limit to what another process does: what it has said by then is heard first. When this process stood
 * still meanwhile, its timers come before all that lies unread.
 */
export function afterHearing(clock: Pick<Clock, 'after'>, milliseconds: number, call: () => void): () => void {
  let heard: NodeJS.Immediate | undefined
  const stop = clock.after(milliseconds, () => {
    heard = setImmediate(call)
  })
  return () => {
    stop()
    clearImmediate(heard)
  }
}

/** Resolves after so many milliseconds of the clock. */
export function pause(clock: Clock, milliseconds: number): Promise<void> {
  return new Promise((resolve) => clock.after(milliseconds, resolve))
}

/** Work of at most so long at a stretch, with a rest after each in which everything else has its turn. */
export function restsEvery(stretchMs: number, clock: Clock): { isDue(): boolean; rest(): Promise<void> } {
  let since = clock.monotonic()
  return {
    isDue: () => clock.monotonic() - since >= stretchMs,
    async rest() {
      await pause(clock, 0)
      since = clock.monotonic()
    },
  }
}
