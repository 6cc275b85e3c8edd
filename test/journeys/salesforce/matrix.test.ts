/**
 * Whatever happens at whichever request of whichever kind: the task ends well with the result and the org that it would
 * have had without, or fails with a sentence, or is cancelled and nothing of it goes on. Some cells of this matrix here,
 * by a seed that is told; `npm run test:salesforce` looks at hundreds.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Cell, isAsked, nameOf, randomOf, shuffle, shuffled } from './support/cells.ts'
import { disturbances } from './support/disturbances.ts'
import { play, playUndisturbed, type Undisturbed } from './support/play.ts'
import { type Scenario, scenarios } from './support/scenarios.ts'
import { Theatre } from './support/theatre.ts'

/** Nothing: some cells. `whole`: as many as there is time for. Else those of `SCENARIO [REQUEST [DISTURBANCE]]`. */
const asked = process.env.MAYFLY_SALESFORCE ?? ''
// The same ones in each run of the suite, which is red only for what was changed; new ones are for the long run.
const seed = Number(process.env.MAYFLY_SALESFORCE_SEED ?? (asked ? Date.now() % 1_000_000 : 201_846))
const minutes = Number(process.env.MAYFLY_SALESFORCE_MINUTES ?? 20)
const most = Number(process.env.MAYFLY_SALESFORCE_CELLS ?? (asked ? 600 : 12))
/** How many scenarios share the cells of a short run: each costs a run without a disturbance first. */
const fewScenarios = 4

let theatre: Theatre
beforeAll(async () => {
  theatre = await Theatre.open()
})
afterAll(() => theatre.close())

const say = (line: string) => void process.stderr.write(`${line}\n`)

it(
  'every kind does its work once, whatever happens at whichever of its requests',
  async () => {
    say(`matrix of Salesforce kinds: seed ${seed}`)
    const random = randomOf(seed)
    const chosen = chooseScenarios(random)
    const undisturbed = new Map<Scenario, Undisturbed>()
    for (const scenario of chosen) undisturbed.set(scenario, await playUndisturbed(theatre, scenario))
    const columns = chosen.map((scenario) => cellsOf(scenario, undisturbed.get(scenario)?.requests ?? 0))
    const cells = shuffled(columns, random).slice(0, most)
    const until = Date.now() + minutes * 60_000
    const flaws: string[] = []
    let played = 0
    for (; played < cells.length && Date.now() < until; played++) {
      const cell = cells[played] as Cell
      const found = await play(theatre, cell, undisturbed.get(cell.scenario) as Undisturbed)
      if (found.length > 0) flaws.push(tell(cell, found))
      if (found.length > 0) say(flaws.at(-1) ?? '')
    }
    if (asked) say(`${played} of ${columns.flat().length} cells, ${flaws.length} of them not as they should be`)
    expect(flaws).toEqual([])
    expect(played).toBeGreaterThan(0)
  },
  (asked ? minutes + 10 : 5) * 60_000,
)

function chooseScenarios(random: () => number): Scenario[] {
  const all = scenarios.filter(({ needsGit }) => !needsGit || theatre.hasGit)
  if (asked === 'whole') return all
  if (!asked) return shuffle(all, random).slice(0, fewScenarios)
  return all.filter(({ name }) => asked.startsWith('*') || name === asked.split(' ')[0])
}

function cellsOf(scenario: Scenario, requests: number): Cell[] {
  const fitting = disturbances.filter(({ name }) => !(name in (scenario.without ?? {})))
  const every = Array.from({ length: requests }, (_, index) => index + 1).flatMap((at) =>
    fitting.map((disturbance) => ({ scenario, at, disturbance })),
  )
  return !asked || asked === 'whole' ? every : every.filter((cell) => isAsked(cell, asked))
}

function tell(cell: Cell, flaws: readonly string[]): string {
  const alone = `MAYFLY_SALESFORCE='${nameOf(cell)}' npm run test:salesforce`
  return `${nameOf(cell)}:\n  ${flaws.join('\n  ')}\n  alone: ${alone}`
}
