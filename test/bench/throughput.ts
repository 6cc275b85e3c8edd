import { tellLibraries } from '../../src/start-over.ts'
import { type Goal, interleave, type Line, lineOf } from './harness.ts'
import { Program, within } from './program.ts'
import type { Started, Starts } from './programs/starts.ts'

const slots = '2'

/** Both sides do so many first: a server stays, and what compiles of it is warm only by then (its own CPU falls by a third). */
const warmingUp = 1_000

/**
 * No-op tasks a second with two slots, from submission to settlement, journal and events included, against a bare loop
 * that keeps two processes going.
 */
export function throughput(): AsyncIterable<Line> {
  return rate('throughput', { count: 60, rounds: 8 }, { atLeast: 0.85 })
}

/** The same when many come at once. */
export function burst(): AsyncIterable<Line> {
  return rate('burst', { count: 200, rounds: 8 }, { atLeast: 0.9 })
}

async function* rate(bench: string, { count, rounds }: Starts & { rounds: number }, goal: Goal): AsyncIterable<Line> {
  const bare = new Program('bare-starts.ts', [slots])
  const ours = new Program('mayfly-starts.ts', [slots, '1'], tellLibraries({}))
  const cpuMs = { ours: [] as number[], bare: [] as number[] }
  const perSecond = (program: Program, each: number[]) => async () => {
    const { seconds, cpuSeconds, ownCpuSeconds } = await program.ask<Started>({ count } satisfies Starts)
    each.push(((cpuSeconds + ownCpuSeconds) * 1000) / count)
    return count / seconds
  }
  yield* within([bare, ours], async function* () {
    await Promise.all([bare.hear(), ours.hear()])
    for (const program of [bare, ours]) await program.ask<Started>({ count: warmingUp } satisfies Starts)
    const pairs = await interleave(rounds, perSecond(ours, cpuMs.ours), perSecond(bare, cpuMs.bare))
    yield lineOf(bench, 'tasks/s', pairs, goal)
    const cpu = cpuMs.ours.map((value, at) => ({ value, limit: cpuMs.bare[at] ?? Number.NaN }))
    // The first only warms up.
    yield lineOf(`${bench}, of all processes`, 'ms CPU/task', cpu.slice(1))
  })
}
