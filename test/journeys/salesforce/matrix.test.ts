/**
 * Whatever happens at whichever request of whichever kind: the task ends well with the result and the org that it would
 * have had without, or fails with a sentence, or is cancelled and nothing of it goes on. Some cells of this matrix here,
 * by a seed that is told; `npm run test:salesforce` looks at hundreds.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { byTurns, type Cell, isAsked, nameOf, type Pair, playByPairs, randomOf, shuffle } from './support/cells.ts'
import { type Disturbance, disturbances } from './support/disturbances.ts'
import { Ledger } from './support/ledger.ts'
import { play, playUndisturbed, type Undisturbed } from './support/play.ts'
import { type Scenario, scenarios } from './support/scenarios.ts'
import { Theatre } from './support/theatre.ts'

/** Nothing: some cells. `whole`: as many as there is time for. Else those of `SCENARIO[,SCENARIO …] [REQUEST [DISTURBANCE]]`. */
const asked = process.env.MAYFLY_SALESFORCE ?? ''
// The same ones in each run of the suite, which is red only for what was changed; new ones are for the long run.
const seed = Number(process.env.MAYFLY_SALESFORCE_SEED ?? (asked ? Date.now() % 1_000_000 : 201_846))
const minutes = Number(process.env.MAYFLY_SALESFORCE_MINUTES ?? 20)
const most = Number(process.env.MAYFLY_SALESFORCE_CELLS ?? (asked ? 10_000 : 12))
const ledger = new Ledger(process.env.MAYFLY_SALESFORCE_LEDGER)
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
    const columns = chosen.map((scenario) => pairsOf(scenario, undisturbed.get(scenario), random))
    const pairs = byTurns(columns)
    const cells = pairs.reduce((sum, { left, played }) => sum + left.length + played, 0)
    const until = Date.now() + minutes * 60_000
    const flaws: string[] = []
    let played = 0
    async function playOne(cell: Cell): Promise<boolean> {
      const startedAt = performance.now()
      const found = await play(theatre, cell, undisturbed.get(cell.scenario) as Undisturbed)
      const seconds = Number(((performance.now() - startedAt) / 1_000).toFixed(1))
      ledger.write({ cell: nameOf(cell), ...found, seconds })
      if (found.hasHappened) played += 1
      const verdict = found.flaws.length > 0 ? 'not as it should be' : found.hasHappened ? 'good' : 'in vain'
      if (asked) say(`${nameOf(cell)}: ${verdict}, ${seconds} s`)
      if (found.flaws.length > 0) say(tell(cell, found.flaws))
      if (found.flaws.length > 0) flaws.push(tell(cell, found.flaws))
      return found.hasHappened
    }
    await playByPairs(pairs, playOne, () => played >= most || Date.now() > until)
    const covered = pairs.filter((pair) => pair.played > 0).length
    if (asked) say(`${played} of ${cells} cells, ${covered} of ${pairs.length} pairs, ${flaws.length} flaws`)
    expect(flaws).toEqual([])
    expect(played).toBeGreaterThan(0)
  },
  (asked ? minutes + 10 : 5) * 60_000,
)

function chooseScenarios(random: () => number): Scenario[] {
  const all = scenarios.filter(({ needsGit }) => !needsGit || theatre.hasGit)
  if (asked === 'whole') return all
  if (!asked) return shuffle(all, random).slice(0, fewScenarios)
  return all.filter((scenario) => isAsked({ scenario }, asked))
}

function pairsOf(scenario: Scenario, seen: Undisturbed | undefined, random: () => number): Pair[] {
  const { requests = 0, attempts = 0 } = seen ?? {}
  const { tried, played } = ledger.read()
  const pairOf = (disturbance: Disturbance): Pair => {
    const count = disturbance.toAttempt ? attempts : requests
    const every = Array.from({ length: count }, (_, index) => index + 1)
    const named = (at: number) => nameOf({ scenario, at, disturbance })
    const wanted = every.filter((at) => !asked || asked === 'whole' || isAsked({ scenario, at, disturbance }, asked))
    const left = wanted.filter((at) => !tried.has(named(at)))
    const done = wanted.filter((at) => played.has(named(at)))
    return { scenario, disturbance, left: shuffle(left, random), played: done.length }
  }
  const fitting = disturbances.filter(({ name }) => !(name in (scenario.without ?? {})))
  return shuffle(fitting, random)
    .map(pairOf)
    .filter(({ left, played: times }) => left.length > 0 || times > 0)
}

function tell(cell: Cell, flaws: readonly string[]): string {
  const alone = `MAYFLY_SALESFORCE='${nameOf(cell)}' npm run test:salesforce`
  return `${nameOf(cell)}:\n  ${flaws.join('\n  ')}\n  alone: ${alone}`
}
