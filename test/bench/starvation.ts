import { lightBehindHeavy } from '../schedule/crowds.ts'
import { type Line, lineOf } from './harness.ts'

const seeds = [1, 2, 3]
const [slots, heavy] = [4, 100_000]

/** The longest wait of a tenant with little, behind one with very much; the limit is its wait alone and one turn of a slot. */
export async function* starvation(): AsyncIterable<Line> {
  const pairs = seeds.map((seed) => {
    const { behind, alone, slotTurn } = lightBehindHeavy({ slots, heavy, seed })
    return { value: behind, limit: alone + slotTurn }
  })
  yield lineOf('starvation: longest wait behind 100,000', 's', pairs, { atMost: 1 })
}
