/** How often to look at what goes on in an org. Every look is one of the day's API calls. */
import { pause } from './transport.ts'

export interface Pace {
  readonly firstMs: number
  readonly longestMs: number
}

const seconds = (first: number, longest = first): Pace => ({ firstMs: first * 1_000, longestMs: longest * 1_000 })

export const PACES = {
  retrieve: seconds(2, 10),
  bulk: seconds(1, 10),
  tests: seconds(5, 15),
  install: seconds(5),
  compile: seconds(1, 5),
  packageVersion: seconds(30),
  scratch: seconds(5, 15),
  sandbox: seconds(30, 60),
} as const satisfies Readonly<Record<string, Pace>>

/** By the rule of Salesforce's own tools: by components where they are known, otherwise by the size of the zip. */
export function deployPace({ components, zipBytes = 0 }: { components?: number; zipBytes?: number }): Pace {
  if (components !== undefined) return seconds(components <= 1_000 ? 1 : Math.min(components, 10_000) / 1_000)
  const megabytes = zipBytes / 1e6
  return seconds(megabytes <= 1 ? 1 : megabytes <= 5 ? 2 : megabytes <= 15 ? 5 : 10)
}

const growth = 1.5

/** Milliseconds between looks, growing from the first to the longest; all the same where the input says so. */
export function* intervals({ firstMs, longestMs }: Pace, pollSeconds?: number): Generator<number, never> {
  for (let ms = firstMs; ; ms = Math.min(longestMs, ms * growth)) {
    yield pollSeconds === undefined ? ms : pollSeconds * 1_000
  }
}

/** Looks until it is over; ends with why the task is to end when it is. */
export async function poll<Status>(
  look: () => Promise<Status>,
  isOver: (status: Status) => boolean,
  { pace, pollSeconds, signal }: { pace: Pace; pollSeconds: number | undefined; signal: AbortSignal },
): Promise<Status> {
  for (const waits = intervals(pace, pollSeconds); ; await pause(waits.next().value, signal)) {
    const status = await look()
    if (isOver(status)) return status
  }
}
