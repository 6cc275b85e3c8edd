/** A trace that nobody recorded: tenants of very different size, whose tasks come by chance. The same seed, the same trace. */
import { POOLS, type Pool } from '../task/task.ts'
import type { Arrival } from './trace.ts'

export interface Load {
  readonly tenants: number
  /** Tasks a second, of all tenants together. */
  readonly ratePerSecond: number
  /** Parts of the tasks that are of each pool, in any unit. */
  readonly mix: Readonly<Record<Pool, number>>
  readonly hours: number
  /** So many come together at the most, of one tenant and pool; 1 unless told otherwise. */
  readonly burst?: number
  readonly seed: number
}

/** How long tasks of a pool take in the middle, and what they do meanwhile. */
const natures: Readonly<
  Record<Pool, { readonly kind: string; readonly seconds: number; readonly saves: number | null }>
> = {
  critical: { kind: 'deploy', seconds: 20, saves: null },
  normal: { kind: 'test', seconds: 60, saves: null },
  batch: { kind: 'backup', seconds: 300, saves: 60 },
}

/** Some take a little of that, few take many times as much: the spread of the logarithm. */
const spread = 0.8
const dayOne = Date.UTC(2030, 0, 1)

/** In the order of their times. */
export function* generate({ tenants, ratePerSecond, mix, hours, burst = 1, seed }: Load): Generator<Arrival, void> {
  const random = randomFrom(seed)
  const pools = chooser(POOLS.map((pool) => mix[pool]))
  // The second has half of the tasks of the first, the third a third.
  const owners = chooser(Array.from({ length: tenants }, (_, index) => 1 / (index + 1)))
  const end = dayOne + hours * 3_600_000
  for (let at = dayOne; ; ) {
    at += (-Math.log(1 - random()) / ratePerSecond) * 1000 * ((1 + burst) / 2)
    if (at >= end) return
    const pool = POOLS[pools(random())] as Pool
    const owner = `tenant-${owners(random()) + 1}`
    const count = burst > 1 ? 1 + Math.floor(random() * burst) : 1
    for (let one = 0; one < count; one += 1) yield arrivalOf(Math.round(at), owner, pool, random)
  }
}

function arrivalOf(at: number, tenant: string, pool: Pool, random: () => number): Arrival {
  const { kind, seconds, saves } = natures[pool]
  const took = seconds * Math.exp(spread * normal(random))
  return {
    at,
    tenant,
    kind,
    pool,
    seconds: Math.round(took * 1000) / 1000,
    priority: 0,
    key: null,
    limit: 1,
    memoryMiB: 0,
    checkpointSeconds: saves,
    ttlSeconds: null,
  }
}

/** Picks one of several by their weights, for a number from 0 to 1. */
function chooser(weights: readonly number[]): (luck: number) => number {
  const sums: number[] = []
  let sum = 0
  for (const weight of weights) {
    sum += weight
    sums.push(sum)
  }
  return (luck) => {
    const mark = luck * sum
    let [low, high] = [0, sums.length - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((sums[middle] as number) <= mark) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** Box and Muller: normally distributed, around 0 with a spread of 1. */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

/** From 0 up to but not 1; mulberry32. */
export function randomFrom(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
