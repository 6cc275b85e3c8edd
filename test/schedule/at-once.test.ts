import { describe, expect, it } from 'vitest'
import { considerAtOnce } from '../../src/schedule/at-once.ts'
import { plan } from '../../src/schedule/plan.ts'
import type { Waiting } from '../../src/schedule/waiting.ts'
import { boardOf, type Terms, waiting } from './fixture.ts'
import { keptBy } from './snapshot.ts'

const now = 1_000
const task = waiting('new', { createdAt: now })

/** A board that knows the tenant already, and expects the task. */
function board(waits: readonly Waiting[], terms: Terms = {}, runs: readonly string[] = []) {
  const made = boardOf(waits, terms)
  made.advance(now)
  for (const id of runs) made.start(id, now)
  made.expect(task.id)
  return made
}

describe('a task that is on its way to the disk', () => {
  it('is started where nothing else is to be done first', () => {
    const idle = board([])
    expect(considerAtOnce(idle, task, now)).toMatchObject({ do: 'start', task, slot: 'shared' })
    expect(idle.start(task.id, now)).toBe('shared')
    expect(plan(idle, now)).toBeUndefined()
  })

  it('counts as one that has come', () => {
    const idle = board([])
    considerAtOnce(idle, task, now)
    expect(idle.scene.arrivals.rate('normal', now).recent).toHaveLength(1)
  })

  const earlier = waiting('earlier')
  const limit = { tenant: { running: 1 } } as const
  it.each([
    ['another is to start', board([earlier]), task],
    ['no slot is free', board([earlier], { sharedSlots: 1 }, ['earlier']), task],
    ['its tenant runs as much as it may', board([earlier], limit, ['earlier']), task],
    ['there is no memory for it', board([earlier], { memoryMiB: 300 }, ['earlier']), task],
    ['it is due later', board([]), { ...task, notBefore: now + 1 }],
    [
      'it may end others of its key',
      board([]),
      { ...task, concurrency: { key: 'k', limit: 1, onConflict: 'replace' } },
    ],
  ] as const)('waits for its commit when %s, and leaves no trace', (_, busy, asked) => {
    const consider = () => considerAtOnce(busy, asked as Waiting, now)
    // What holds it back is noted with the first look.
    expect(consider()).toBeUndefined()
    const before = keptBy(busy)
    const { length } = busy.scene.arrivals.rate('normal', now).recent
    expect(consider()).toBeUndefined()
    expect(busy.scene.arrivals.rate('normal', now).recent).toHaveLength(length)
    expect(keptBy(busy)).toBe(before)
  })
})
