import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { LaneMark, LaneStretch } from '../../src/journal/waiting.ts'
import { beforeOwn } from '../../src/schedule/ahead.ts'
import { inOrder } from '../../src/schedule/order.ts'
import type { Waiting } from '../../src/schedule/waiting.ts'
import { waiting } from './fixture.ts'
import type { Store } from './store.ts'
import { actions, policies, World } from './world.ts'

/** A task at that place. */
const at = ({ turnAt, ...mark }: LaneMark): Waiting => waiting(mark.id, { ...mark, notBefore: turnAt, priority: 0 })

/** What the journal counts of a stretch. */
function countIn(store: Store, { lane, after, before, without }: LaneStretch, now: number): number {
  const look = { after: at(after), limit: 1_000 }
  const behind = store.find({ lane: { place: lane }, look } as never, now)
  return behind.filter((task) => inOrder(task, at(before)) < 0 && !without.includes(task.id)).length
}

test('what is in memory and what the journal has are together all due tasks of the tenant in that pool before one', () => {
  const property = fc.property(policies, actions, (policy, actions) => {
    const world = new World(policy)
    const { board, model, store } = world
    for (const action of actions) {
      world.meet(action)
      world.advance()
      const due = model.waiting.filter((task) => model.isDue(task))
      for (const task of due) {
        const isBefore = (other: Waiting) =>
          other.tenant === task.tenant && other.pool === task.pool && inOrder(other, task) < 0
        const counts = beforeOwn({ scene: board.scene, task }).map(
          ({ here, rest }) => here + (rest ? countIn(store, rest, model.now) : 0),
        )
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(due.filter(isBefore).length)
      }
      world.turn()
    }
  })
  fc.assert(property, { numRuns: 150 })
})
