/** Which cells of the matrix a run looks at: what happens (disturbance) at which request (from 1 on) of which scenario. */
import type { Disturbance } from './disturbances.ts'
import type { Scenario } from './scenarios.ts'

export interface Cell {
  readonly scenario: Scenario
  readonly at: number
  readonly disturbance: Disturbance
}

export function nameOf({ scenario, at, disturbance }: Cell): string {
  return `${scenario.name} ${at} ${disturbance.name}`
}

/** What a person asked for: `SCENARIO`, `SCENARIO AT` or `SCENARIO AT DISTURBANCE`, several with commas, `*` for any. */
export function isAsked({ scenario, at, disturbance }: Partial<Cell>, asked: string): boolean {
  const parts = asked.split(' ').map((part) => part.split(','))
  const is = [scenario?.name, at?.toString(), disturbance?.name]
  return parts.every((wanted, index) => wanted[0] === '*' || is[index] === undefined || wanted.includes(is[index]))
}

/** A disturbance of a scenario: where it has not been played, in the order in which to, and how often it has been. */
export interface Pair {
  readonly scenario: Scenario
  readonly disturbance: Disturbance
  left: number[]
  played: number
}

/** Items of each column in their order, the columns by turns: whoever stops early has seen something of each. */
export function byTurns<Item>(columns: readonly (readonly Item[])[]): Item[] {
  const longest = Math.max(0, ...columns.map(({ length }) => length))
  return Array.from({ length: longest }, (_, row) => columns.flatMap((column) => column.slice(row, row + 1))).flat()
}

/**
 * Each pair once before any is played again, so that a run that is stopped has seen as many as it could. One whose cell was
 * in vain (`play` says false: nothing has happened to the task there) has its next one at once.
 */
export async function playByPairs(
  pairs: readonly Pair[],
  play: (cell: Cell) => Promise<boolean>,
  isOver: () => boolean,
): Promise<void> {
  for (let open = pairs; open.length > 0 && !isOver(); open = open.filter(({ left }) => left.length > 0)) {
    const fewest = Math.min(...open.map(({ played }) => played))
    for (const pair of open.filter(({ played }) => played === fewest)) await playOne(pair, play, isOver)
  }
}

async function playOne(pair: Pair, play: (cell: Cell) => Promise<boolean>, isOver: () => boolean): Promise<void> {
  const { scenario, disturbance, left, played } = pair
  while (pair.played === played && left.length > 0 && !isOver()) {
    if (await play({ scenario, disturbance, at: left.shift() ?? 0 })) pair.played++
  }
}

export function shuffle<Item>(items: readonly Item[], random: () => number): Item[] {
  return items
    .map((item) => ({ item, order: random() }))
    .toSorted((one, other) => one.order - other.order)
    .map(({ item }) => item)
}

/** Numbers in [0, 1), the same ones for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
