import { tellLibraries } from '../../src/start-over.ts'
import { interleave, type Line, lineOf } from './harness.ts'
import { Program, within } from './program.ts'
import type { Started, Starts } from './programs/starts.ts'

const rounds = 8
const count = 15

/**
 * CPU of a no-op task's whole tree of processes, from spawn to exit, against that of Node with an empty file: at the
 * best isolation level that works here, and at level 0. None stands by: one that is born while another runs would be two
 * at once against one, which costs each a third more on some machines.
 */
export async function* start(): AsyncIterable<Line> {
  const bare = new Program('bare-starts.ts', ['1'])
  const best = new Program('mayfly-starts.ts', ['1', '1', '0'], tellLibraries({}))
  const lowest = new Program('mayfly-starts.ts', ['1', '0', '0'], tellLibraries({}))
  yield* within([bare, best, lowest], async function* () {
    const [{ level }] = await Promise.all([best.hear<{ level: number }>(), lowest.hear(), bare.hear()])
    const levels = level === 0 ? [lowest] : [best, lowest]
    for (const ours of levels) {
      const pairs = await interleave(rounds, cpuMs(ours), cpuMs(bare))
      yield lineOf(`start at level ${ours === best ? level : 0}`, 'ms CPU', pairs, { atMost: 1.25 })
    }
  })
}

function cpuMs(program: Program): () => Promise<number> {
  return async () => {
    const { cpuSeconds } = await program.ask<Started>({ count } satisfies Starts)
    return (cpuSeconds * 1000) / count
  }
}
