import { describe, expect, test } from 'vitest'
import { plan } from '../../src/schedule/plan.ts'
import { nameFor, whyStarted } from '../../src/schedule/why.ts'
import { boardOf, turn, waiting } from './fixture.ts'

const start = (task: ReturnType<typeof waiting>) =>
  ({ do: 'start', task, slot: 'shared', preempted: [], reason: 'it was first' }) as const

describe('why a task started', () => {
  test('is the reason of the plan, and how long it was due', () => {
    const task = waiting('a', { createdAt: 1_000 })
    expect(whyStarted(start(task), null, 3_500)).toEqual({
      reason: 'it was first',
      waitedSeconds: 2.5,
      preempted: [],
      waited: null,
    })
  })

  test('counts from its time when it was delayed', () => {
    expect(whyStarted(start(waiting('a', { notBefore: 3_000 })), null, 3_500).waitedSeconds).toBe(0.5)
    expect(whyStarted(start(waiting('a', { notBefore: 5, createdAt: 3_000 })), null, 3_500).waitedSeconds).toBe(0.5)
  })

  test('does not guess how long it waited after an earlier attempt', () => {
    expect(whyStarted(start(waiting('a', { attempt: 1 })), null, 3_500).waitedSeconds).toBeUndefined()
  })

  test('names whom it displaced, as far as its tenant may know', () => {
    const board = boardOf(
      [waiting('own', { pool: 'batch' }), waiting('foreign', { pool: 'batch', tenant: 'globex', memoryMiB: 9 })],
      { preemption: { most: 1 } },
    )
    turn(board)
    board.add(waiting('a'))
    board.add(waiting('b', { createdAt: 1 }))
    expect(turn(board)).toHaveLength(2)
    board.end('own', 0, 'lost')
    board.end('foreign', 0, 'lost')
    const all: string[] = []
    for (let next = plan(board, 0); next?.do === 'start'; next = plan(board, 0)) {
      all.push(...whyStarted(next, null, 0).preempted)
      expect(next.reason).toBe('it was due and found no room, so others were ended for it; a shared slot is free')
      board.start(next.task.id, 0)
    }
    expect(all.sort()).toEqual(['a task of another tenant', 'own'])
    expect(nameFor(waiting('x'), waiting('y'))).toBe('y')
  })
})
