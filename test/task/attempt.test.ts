import { describe, expect, it } from 'vitest'
import { Attempt } from '../../src/task/attempt.ts'
import type { Ending } from '../../src/task/endings.ts'
import { taskLike } from './fixture.ts'

describe('an attempt', () => {
  it('ends once: the first cause wins, and every watcher learns of it', async () => {
    const attempt = new Attempt(taskLike({ attempt: 7 }))
    expect([attempt.number, attempt.ending]).toEqual([7, undefined])
    const first: Ending = { cause: 'run_time', message: 'too long', details: {} }
    expect(attempt.end(first)).toBe(true)
    expect(attempt.end({ cause: 'result', result: 'late' })).toBe(false)
    expect(attempt.end(first)).toBe(false)
    expect(attempt.ending).toBe(first)
    expect(await attempt.ended).toBe(first)
  })
})
