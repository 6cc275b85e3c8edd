import { generate } from '../../src/simulate/generate.ts'
import { onNodes } from '../../src/simulate/nodes.ts'
import { simulate } from '../../src/simulate/simulate.ts'
import type { Arrival } from '../../src/simulate/trace.ts'
import { openPolicy } from '../fixtures/open-policy.ts'
import { type Line, lineOf, type Pair } from './harness.ts'

/** A million tasks in five minutes of one core. */
const perSecond = Math.ceil(1_000_000 / 300)

/** A day and more of 100 nodes, nearly full: a million tasks of 1,000 tenants. */
const load = {
  tenants: 1_000,
  ratePerSecond: 4.8,
  mix: { critical: 1, normal: 6, batch: 3 },
  hours: 1_000_000 / 3600 / 4.8,
  seed: 1,
}

/** Simulated tasks a second of CPU, against sorting the same tasks by their ends. */
export async function* simulation(): AsyncIterable<Line> {
  const arrivals = [...generate(load)]
  const policy = onNodes(openPolicy(8), 100)
  const pair: Pair = {
    value: rateOf(arrivals, () => simulate(arrivals, { policy })),
    limit: rateOf(arrivals, () => arrivals.toSorted((a, b) => a.at + a.seconds - b.at - b.seconds)),
  }
  yield lineOf('simulate: a million tasks, 1,000 tenants, 100 nodes', 'tasks/s of CPU', [pair], {
    valueAtLeast: perSecond,
  })
}

function rateOf(arrivals: readonly Arrival[], replay: () => unknown): number {
  const since = process.cpuUsage()
  replay()
  const { user, system } = process.cpuUsage(since)
  return arrivals.length / ((user + system) / 1_000_000)
}
