import { describe, expect, it } from 'vitest'
import { ACTIVE, canMove, isTerminal, STATES } from '../../src/task/states.ts'

describe('states', () => {
  it('that are terminal are left by nobody', () => {
    const terminal = STATES.filter(isTerminal)
    expect(terminal).toEqual(['succeeded', 'failed', 'cancelled'])
    for (const from of terminal) for (const to of STATES) expect(canMove(from, to)).toBe(false)
  })

  it('lead from every other one to an end, and never to themselves', () => {
    for (const from of STATES) {
      expect(canMove(from, from)).toBe(false)
      if (!isTerminal(from)) expect(reachable(from).some(isTerminal)).toBe(true)
    }
  })

  it('in which a process may live are left through settling only', () => {
    expect(ACTIVE).toEqual(['starting', 'running', 'settling'])
    for (const from of ['starting', 'running'] as const)
      for (const to of STATES) expect(canMove(from, to) && !ACTIVE.includes(to)).toBe(false)
  })
})

function reachable(from: (typeof STATES)[number]): (typeof STATES)[number][] {
  const seen = new Set([from])
  for (const state of seen) for (const to of STATES) if (canMove(state, to)) seen.add(to)
  return [...seen]
}
