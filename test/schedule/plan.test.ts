import { describe, expect, test } from 'vitest'
import { plan } from '../../src/schedule/plan.ts'
import { boardOf, turn, waiting } from './fixture.ts'

const critical = { pool: 'critical' } as const
const batch = { pool: 'batch' } as const
const onOrg = (key: string, limit = 1) => ({ concurrency: { key, limit } })

describe('pools', () => {
  test('are served in strict order, whatever the age of their tasks', () => {
    const board = boardOf([
      waiting('b', batch),
      waiting('n', { createdAt: 9 }),
      waiting('c', { ...critical, createdAt: 99 }),
    ])
    expect(turn(board)).toEqual(['start c', 'start n', 'start b'])
  })

  test('leave the slots of the critical pool to it alone', () => {
    const board = boardOf([waiting('n1'), waiting('n2'), waiting('n3')], { sharedSlots: 2 })
    expect(turn(board)).toEqual(['start n1', 'start n2'])
    board.add(waiting('c', critical))
    expect(turn(board)).toEqual(['start c'])
  })

  test('let critical tasks use shared slots when their own are taken', () => {
    const board = boardOf([waiting('c1', critical), waiting('c2', critical)], { sharedSlots: 1 })
    expect(plan(board, 0)).toMatchObject({ slot: 'critical' })
    board.start('c1', 0)
    expect(plan(board, 0)).toMatchObject({ slot: 'shared' })
  })

  test('run no more than their maximum, and leave the other slots to those below', () => {
    const board = boardOf([waiting('n1'), waiting('n2'), waiting('b', batch)], { pools: { normal: { max: 1 } } })
    expect(turn(board)).toEqual(['start n1', 'start b'])
  })
})

describe('a tenant at its limit', () => {
  test('waits while others start', () => {
    const board = boardOf([waiting('a1'), waiting('a2'), waiting('g', { tenant: 'globex', createdAt: 9 })], {
      tenant: { running: 1 },
    })
    expect(turn(board)).toEqual(['start a1', 'start g'])
  })

  test('starts its next task when one of its own ends', () => {
    const board = boardOf([waiting('a1'), waiting('a2')], { tenant: { running: 1 } })
    turn(board)
    board.end('a1', 0, 'counts')
    expect(turn(board)).toEqual(['start a2'])
  })

  test('in one pool still starts tasks in another', () => {
    const board = boardOf([waiting('n1'), waiting('n2'), waiting('b', batch)], {
      tenant: { poolRunning: { critical: 9, normal: 1, batch: 9 } },
    })
    expect(turn(board)).toEqual(['start n1', 'start b'])
  })
})

describe('a concurrency key', () => {
  test('runs as many tasks at once as its limit says, over all pools', () => {
    const board = boardOf([waiting('n', onOrg('org')), waiting('c', { ...critical, ...onOrg('org') })])
    expect(turn(board)).toEqual(['start c'])
    board.end('c', 0, 'counts')
    expect(turn(board)).toEqual(['start n'])
  })

  test('that is full blocks no other key, no task without one, and no tenant', () => {
    const full = [waiting('1', onOrg('org')), waiting('2', onOrg('org'))]
    const others = [waiting('3', onOrg('other')), waiting('4'), waiting('5', { ...onOrg('org'), tenant: 'globex' })]
    expect(turn(boardOf([...full, ...others], { sharedSlots: 9 }))).toEqual([
      'start 1',
      'start 5',
      'start 3',
      'start 4',
    ])
  })

  test('whose tasks disagree keeps to the strictest that runs', () => {
    const board = boardOf([waiting('alone', onOrg('org', 1)), waiting('social', onOrg('org', 5))])
    expect(turn(board)).toEqual(['start alone'])
  })

  test('whose tasks disagree lets none pass one that wants to be alone', () => {
    const tasks = [waiting('1', onOrg('org', 5)), waiting('2', onOrg('org', 1)), waiting('3', onOrg('org', 5))]
    const board = boardOf(tasks, { sharedSlots: 9 })
    expect(turn(board)).toEqual(['start 1'])
    board.end('1', 0, 'counts')
    expect(turn(board)).toEqual(['start 2'])
  })
})

describe('time', () => {
  test('keeps a task from starting before it is due', () => {
    const board = boardOf([waiting('later', { notBefore: 1000 })])
    expect(turn(board, 999)).toEqual([])
    expect(turn(board, 1000)).toEqual(['start later'])
  })

  test('expires what has waited too long, due or not, before anything starts', () => {
    const board = boardOf([
      waiting('plain'),
      waiting('old', { expiresAt: 10 }),
      waiting('later', { notBefore: 99, expiresAt: 5 }),
    ])
    expect(turn(board, 10)).toEqual(['expire later', 'expire old', 'start plain'])
  })
})

describe('a board that is held', () => {
  test('starts nothing, but still expires', () => {
    const board = boardOf([waiting('plain'), waiting('old', { expiresAt: 10 })])
    board.pools.hold('draining', 0)
    expect(turn(board, 10)).toEqual(['expire old'])
  })

  test('starts again when the last reason is gone', () => {
    const board = boardOf([waiting('plain')])
    board.pools.hold('draining', 0)
    board.pools.hold('disk full', 0)
    board.pools.release('draining')
    expect(turn(board)).toEqual([])
    board.pools.release('disk full')
    expect(turn(board)).toEqual(['start plain'])
  })
})

describe('every decision says why', () => {
  test('a task was the first in order', () => {
    expect(plan(boardOf([waiting('a')]), 0)?.reason).toBe('first in order of pool normal; a shared slot is free')
  })

  test('a task was requeued in front', () => {
    expect(plan(boardOf([waiting('a', { front: true })]), 0)?.reason).toContain('requeued without fault of its own')
  })

  test('a task expired', () => {
    expect(plan(boardOf([waiting('a', { expiresAt: 1 })]), 1)?.reason).toContain('time to live ended')
  })
})

describe('memory', () => {
  test('is given as a whole to a task that was let in when there was more', () => {
    const board = boardOf([waiting('a'), waiting('large', { memoryMiB: 4096 }), waiting('z')], { memoryMiB: 512 })
    expect(turn(board)).toEqual(['start a'])
    board.end('a', 0, 'typical')
    expect(turn(board)).toEqual(['start large'])
    board.end('large', 0, 'typical')
    expect(turn(board)).toEqual(['start z'])
  })
})

describe('a tenant that was given a slot', () => {
  test('has its turn after those that were not, also when nothing else of it waited', () => {
    const globex = { tenant: 'globex' }
    const board = boardOf([waiting('g1', globex), waiting('g2', globex)], { sharedSlots: 1 })
    turn(board)
    board.end('g1', 10_000, 'counts')
    turn(board, 10_000)
    board.end('g2', 20_000, 'counts')
    board.add(waiting('a1'))
    expect(turn(board, 20_000)).toEqual(['start a1'])
    board.add(waiting('a2'))
    board.add(waiting('i1', { tenant: 'initech', createdAt: 9 }))
    board.end('a1', 30_000, 'counts')
    expect(turn(board, 30_000)).toEqual(['start i1'])
  })
})
