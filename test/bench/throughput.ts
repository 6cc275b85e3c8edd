import { interleave, type Line, lineOf } from './harness.ts'
import { Program, within } from './program.ts'
import type { Started, Starts } from './programs/starts.ts'

const rounds = 8
const count = 60
const slots = '2'

/**
 * No-op tasks a second with two slots, from submission to settlement, journal and events included, against a bare loop
 * that keeps two processes going.
 */
export async function* throughput(): AsyncIterable<Line> {
  const bare = new Program('bare-starts.ts', [slots])
  const ours = new Program('mayfly-starts.ts', [slots, '1'])
  yield* within([bare, ours], async function* () {
    await Promise.all([bare.hear(), ours.hear()])
    const pairs = await interleave(rounds, perSecond(ours), perSecond(bare))
    yield lineOf('throughput', 'tasks/s', pairs, { atLeast: 0.85 })
  })
}

function perSecond(program: Program): () => Promise<number> {
  return async () => count / (await program.ask<Started>({ count } satisfies Starts)).seconds
}
