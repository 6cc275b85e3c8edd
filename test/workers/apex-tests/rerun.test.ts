import { describe, expect, it } from 'vitest'
import type { MethodResult } from '../../../workers/apex-tests/method.ts'
import { toRunAgain, withLater } from '../../../workers/apex-tests/rerun.ts'

const result = (className: string, method: string, message: string | null): MethodResult => ({
  className,
  method,
  outcome: message === null ? 'pass' : 'fail',
  seconds: 0,
  message,
  stackTrace: null,
})

const locked = 'UNABLE_TO_LOCK_ROW, unable to obtain exclusive access to this record'

describe('tests that run again', () => {
  it('are those that failed for rows that others held, a class at a time and always in the same order', () => {
    const results = [
      result('B', 'two', locked),
      result('A', 'one', 'System.AssertException'),
      result('B', 'one', locked),
      result('A', 'two', locked),
      result('C', 'one', null),
    ]
    const chosen = [
      { className: 'A', testMethods: ['two'] },
      { className: 'B', testMethods: ['one', 'two'] },
    ]
    expect(toRunAgain(results, {})).toEqual(chosen)
    expect(toRunAgain(results.toReversed(), {})).toEqual(chosen)
  })

  it('are all that failed where that is asked for, but no class that cannot run at all', () => {
    const results = [result('A', 'one', 'no'), result('B', '(class)', 'it does not compile')]
    expect(toRunAgain(results, { which: 'all' })).toEqual([{ className: 'A', testMethods: ['one'] }])
  })

  it('count with what they came to last', () => {
    const again = withLater([result('A', 'one', 'no'), result('A', 'two', 'no')], [result('A', 'one', null)])
    expect(again.map(({ outcome }) => outcome)).toEqual(['pass', 'fail'])
  })
})
