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

/** What a person asked for, as `SCENARIO`, `SCENARIO AT` or `SCENARIO AT DISTURBANCE`, `*` for any. */
export function isAsked(cell: Cell, asked: string): boolean {
  const [name, at, disturbance] = asked.split(' ')
  const fits = (wanted: string | undefined, is: string) => wanted === undefined || wanted === '*' || wanted === is
  return fits(name, cell.scenario.name) && fits(at, String(cell.at)) && fits(disturbance, cell.disturbance.name)
}

/** Every cell, each scenario's in its own order, the scenarios by turns: whoever stops early has seen something of each. */
export function shuffled(ofScenarios: readonly (readonly Cell[])[], random: () => number): Cell[] {
  const columns = ofScenarios.map((cells) => shuffle(cells, random))
  const longest = Math.max(0, ...columns.map(({ length }) => length))
  return Array.from({ length: longest }, (_, row) => columns.flatMap((column) => column[row] ?? [])).flat()
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
