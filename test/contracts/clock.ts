import { systemClock } from '../../src/system/clock.ts'

export type StoppedClock = ReturnType<typeof stoppedClock>

/** The system's clock, but that its time of day stands still until the test moves it. */
export function stoppedClock(now = 1_700_000_000_000) {
  return {
    clock: { ...systemClock, now: () => now },
    pass(milliseconds: number) {
      now += milliseconds
    },
  }
}
