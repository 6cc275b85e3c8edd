import { describe, expect, it } from 'vitest'
import { endingOf } from '../../../../src/faces/vscode/view/ending.ts'
import { task } from '../fixtures/tasks.ts'

const settledAt = '2026-01-01T00:00:03.000Z'
const error = { code: 'TASK_FAILED', message: 'there is no\nspace left.', retryable: true }

describe('how a task ended', () => {
  it.each([
    [{ state: 'succeeded', settledAt } as const, undefined, 'information', 'lint …0000aa succeeded after 2.0 s.'],
    [
      { state: 'succeeded', settledAt } as const,
      { errors: 0, warnings: 0 },
      'information',
      'lint …0000aa succeeded after 2.0 s: nothing was found.',
    ],
    [
      { state: 'succeeded', settledAt } as const,
      { errors: 1, warnings: 2 },
      'warning',
      'lint …0000aa succeeded after 2.0 s: 1 error and 2 warnings.',
    ],
    [
      { state: 'failed', settledAt, error } as const,
      undefined,
      'error',
      'lint …0000aa failed after 2.0 s: there is no space left.',
    ],
    [{ state: 'cancelled', startedAt: null } as const, undefined, 'warning', 'lint …0000aa was cancelled.'],
  ])('%j is told', (said, found, severity, sentence) => {
    expect(endingOf(task(said), found)).toEqual({ severity, sentence })
  })
})
