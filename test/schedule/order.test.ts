import { describe, expect, test } from 'vitest'
import { inOrder } from '../../src/schedule/order.ts'
import type { Waiting } from '../../src/schedule/waiting.ts'
import { waiting } from './fixture.ts'

const ordered = (...tasks: readonly Waiting[]) => tasks.toSorted(inOrder).map(({ id }) => id)

describe('inside a pool', () => {
  test('the older task comes first', () => {
    expect(ordered(waiting('young', { createdAt: 2 }), waiting('old', { createdAt: 1 }))).toEqual(['old', 'young'])
  })

  test('a delayed task is as old as the time it became due', () => {
    const delayed = waiting('delayed', { createdAt: 0, notBefore: 10_000 })
    expect(ordered(delayed, waiting('plain', { createdAt: 5_000 }))).toEqual(['plain', 'delayed'])
  })

  test('priority is a head start in seconds', () => {
    const urgent = waiting('urgent', { createdAt: 9_999, priority: 10 })
    const late = waiting('late', { createdAt: 10_001, priority: 10 })
    expect(ordered(late, waiting('plain'), urgent)).toEqual(['urgent', 'plain', 'late'])
  })

  test('no priority is worth more than an hour', () => {
    const greedy = waiting('greedy', { createdAt: 3_600_001, priority: 1_000_000 })
    expect(ordered(greedy, waiting('patient'))).toEqual(['patient', 'greedy'])
  })

  test('what was requeued through no fault of its own comes before everything', () => {
    const requeued = waiting('requeued', { createdAt: 9_000_000, priority: -3600, front: true })
    expect(ordered(waiting('plain', { priority: 3600 }), requeued)).toEqual(['requeued', 'plain'])
  })

  test('age decides between equals, and the id at last', () => {
    const delayed = waiting('c', { createdAt: 0, notBefore: 5 })
    expect(ordered(waiting('b', { createdAt: 5 }), waiting('a', { createdAt: 5 }), delayed)).toEqual(['c', 'a', 'b'])
  })
})
