import { interleave, type Line, lineOf } from './harness.ts'
import { Program, within } from './program.ts'
import type { Births } from './programs/births.ts'

const rounds = 12
const count = 5

/**
 * From asking for a worker that is born now to its first word, sealed off, against the same at level 0. Nothing where
 * level 2 does not work.
 */
export async function* sandbox(): AsyncIterable<Line> {
  const sealed = new Program('births.ts', ['2'])
  const open = new Program('births.ts', ['0'])
  yield* within([sealed, open], async function* () {
    const [{ level }] = await Promise.all([sealed.hear<{ level: number }>(), open.hear()])
    if (level < 2) return
    const pairs = await interleave(rounds, startMs(sealed), startMs(open))
    yield lineOf('sandbox: a start at level 2, against level 0', 'ms', pairs, { atMost: 1.3 })
  })
}

function startMs(program: Program): () => Promise<number> {
  return async () => {
    const { ms } = await program.ask<Births>({ count })
    return ms.toSorted((a, b) => a - b)[Math.floor(count / 2)] ?? Number.NaN
  }
}
