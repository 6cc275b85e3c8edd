/** What all benches share: a figure is only worth as much as the limit measured beside it, in the same minute. */

/** One line of the report. */
export interface Line {
  readonly bench: string
  readonly value: number
  readonly unit: string
  /** What the machine can do without us. */
  readonly limit: number
  readonly ratio: number
  readonly goal: string | null
  readonly met: boolean | null
}

/** Measures, and yields a line as soon as it is known. */
export type Bench = () => AsyncIterable<Line>

/** Of the ratio, `within` so much of 1; `valueAtLeast` and `valueAtMost` of the figure itself. */
export type Goal =
  | { readonly atMost: number }
  | { readonly atLeast: number }
  | { readonly within: number }
  | { readonly valueAtLeast: number }
  | { readonly valueAtMost: number }

/** One figure of ours and one of the limit, taken right after each other. */
export interface Pair {
  readonly value: number
  readonly limit: number
}

/** Takes pairs in turns, so that whatever else the machine does meets both; the first pair only warms up. */
export async function interleave(
  rounds: number,
  value: () => Promise<number>,
  limit: () => Promise<number>,
): Promise<Pair[]> {
  const pairs: Pair[] = []
  for (let round = 0; round <= rounds; round++) {
    pairs.push(round % 2 === 0 ? await valueFirst(value, limit) : await limitFirst(value, limit))
  }
  return pairs.slice(1)
}

async function valueFirst(value: () => Promise<number>, limit: () => Promise<number>): Promise<Pair> {
  return { value: await value(), limit: await limit() }
}

async function limitFirst(value: () => Promise<number>, limit: () => Promise<number>): Promise<Pair> {
  const first = await limit()
  return { value: await value(), limit: first }
}

/** The ratio is the median of the pairs' own ratios: a minute that was slow for both does not count. */
export function lineOf(bench: string, unit: string, pairs: readonly Pair[], goal?: Goal): Line {
  const ratio = median(pairs.map(({ value, limit }) => value / limit))
  const value = median(pairs.map((pair) => pair.value))
  return {
    bench,
    value: round(value),
    unit,
    limit: round(median(pairs.map(({ limit }) => limit))),
    ratio: round(ratio),
    goal: goal ? describe(goal) : null,
    met: goal ? isMet(ratio, value, goal) : null,
  }
}

export function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

function describe(goal: Goal): string {
  if ('valueAtLeast' in goal) return `value >= ${goal.valueAtLeast}`
  if ('valueAtMost' in goal) return `value <= ${goal.valueAtMost}`
  if ('within' in goal) return `1 ± ${goal.within}`
  return 'atMost' in goal ? `<= ${goal.atMost}` : `>= ${goal.atLeast}`
}

function isMet(ratio: number, value: number, goal: Goal): boolean {
  if ('valueAtLeast' in goal) return value >= goal.valueAtLeast
  if ('valueAtMost' in goal) return value <= goal.valueAtMost
  if ('within' in goal) return Math.abs(ratio - 1) <= goal.within
  return 'atMost' in goal ? ratio <= goal.atMost : ratio >= goal.atLeast
}

function round(figure: number): number {
  return Number(figure.toPrecision(4))
}
