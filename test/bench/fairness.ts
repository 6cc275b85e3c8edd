import { jainIndex } from '../../src/simulate/fairness.ts'
import { fiftyEquals, threeToOne } from '../schedule/crowds.ts'
import { type Line, lineOf } from './harness.ts'

const seeds = [1, 2, 3, 4, 5]
const [slots, hours] = [8, 12]

/** Process time by weight, through the board and the plan; the limit is what the weights say. */
export async function* fairness(): AsyncIterable<Line> {
  const ratios = seeds.map((seed) => ({ value: threeToOne({ slots, hours, seed }), limit: 3 }))
  yield lineOf('fairness: process time of weight 3 over weight 1', 'times', ratios, { within: 0.02 })
  const equals = seeds.map((seed) => ({ value: jainIndex(fiftyEquals({ slots, hours, seed })), limit: 1 }))
  yield lineOf('fairness: 50 equal tenants, one split over 100 keys', "Jain's index", equals, { atLeast: 0.99 })
}
