const firstMs = 250
const longestMs = 10_000

/** How long to wait after so many failures in a row, 1 and up: anything up to a bound that doubles, so that clients spread. */
export function backoffMs(failures: number, random: () => number = Math.random): number {
  return random() * Math.min(longestMs, firstMs * 2 ** Math.min(failures - 1, 16))
}

/** What waits and draws lots for a client; tests bring one that is quicker. */
export interface Pace {
  /** Milliseconds since any fixed moment. */
  now(): number
  /** From 0, below 1. */
  random(): number
  /** Throws the signal's reason when it is aborted meanwhile. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>
}

/** Throws the signal's reason when it is aborted meanwhile. */
export function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted()
  return new Promise((resolve, reject) => {
    const timer = setTimeout(done, milliseconds)
    signal?.addEventListener('abort', aborted, { once: true })
    function done() {
      signal?.removeEventListener('abort', aborted)
      resolve()
    }
    function aborted() {
      clearTimeout(timer)
      reject(signal?.reason)
    }
  })
}

export const realPace: Pace = { now: () => Date.now(), random: () => Math.random(), sleep }
