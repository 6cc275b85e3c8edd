import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Hours } from '../../src/schedule/hours.ts'
import type { Policy } from '../../src/schedule/policy.ts'
import { type Action, actions, policies, World } from './world.ts'

/** Minutes of the first hour of the day, some of which begin where others end; many open at once, when most tasks come. */
const windows: fc.Arbitrary<readonly Hours[]> = fc.array(
  fc.record({ at: fc.oneof(fc.constant(0), fc.nat(20)), long: fc.integer({ min: 1, max: 5 }) }).map(({ at, long }) => {
    const time = (minute: number) => `00:${String(minute).padStart(2, '0')}`
    return { from: time(at), to: time(at + long) }
  }),
  { minLength: 1, maxLength: 3 },
)

const withWindows: fc.Arbitrary<Policy> = fc
  .tuple(policies, windows, windows)
  .map(([policy, ofKind, ofPool]): Policy => {
    const lint = { running: policy.kinds.get('lint')?.running ?? 9, windows: ofKind }
    const batch = { ...policy.pools.batch, share: 0.3, windows: ofPool }
    return { ...policy, kinds: new Map([['lint', lint]]), pools: { ...policy.pools, batch } }
  })

/** The hour passes meanwhile. */
const longer = (action: Action): Action => (action.do === 'tick' ? { ...action, ms: 40 * action.ms } : action)

test('through windows of kinds and pools that open and close, just what may start starts, and nothing that may waits', () => {
  let [held, crowded] = [0, 0]
  const property = fc.property(withWindows, actions, (policy, actions) => {
    const world = new World(policy)
    for (const action of actions.map(longer)) {
      world.meet(action)
      world.turn((decision) => {
        if (decision.do === 'start') expect(decision.task.id).toBe(world.model.next()?.id)
      })
      const { model } = world
      expect(model.next()).toBeUndefined()
      if (model.waiting.some((task) => model.isDue(task) && !model.kindIsOpen(task))) held += 1
      if (model.runs(({ pool }) => pool === 'batch') > model.shareOf('batch')) crowded += 1
    }
  })
  fc.assert(property, { numRuns: 300 })
  // Both were at stake: held some 5,500 times, crowded 90 to 400.
  expect(held).toBeGreaterThan(300)
  expect(crowded).toBeGreaterThan(30)
})
