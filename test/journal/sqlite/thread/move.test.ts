import fc from 'fast-check'
import { expect, test } from 'vitest'
import { startingPoints } from '../../../../src/journal/sqlite/thread/move.ts'
import { canMove, isTerminal, STATES } from '../../../../src/task/states.ts'

const anyState = fc.constantFrom(...STATES)

test('a move may start from the states of its fence that lead where it goes, and from no final one elsewhere', () => {
  fc.assert(
    fc.property(fc.array(anyState), anyState, (from, to) => {
      const points = startingPoints(from, to)
      expect(points).toEqual(STATES.filter((state) => from.includes(state) && (state === to || canMove(state, to))))
      expect(points.filter((state) => isTerminal(state) && state !== to)).toEqual([])
    }),
  )
})

test('a move that leaves the state alone may start from its whole fence', () => {
  expect(startingPoints(['running', 'settling', 'running'], null)).toEqual(['running', 'settling'])
})
