import { describe, expect, it } from 'vitest'
import { findingOf } from '../../../workers/apex-tests/findings.ts'
import type { MethodResult } from '../../../workers/apex-tests/method.ts'

const failed = (stackTrace: string | null, className = 'ShopTest'): MethodResult => ({
  className,
  method: 'sells',
  outcome: 'fail',
  seconds: 1,
  message: 'no',
  stackTrace,
})
const fileOf = (name: string) => (name === 'ShopTest' ? 'app/ShopTest.cls' : undefined)

describe('a test that failed', () => {
  it('is shown beside the line where its own class stood', () => {
    const trace = 'Class.ShopTest.sells: line 12, column 3'
    expect(findingOf(failed(trace), fileOf)).toEqual({
      file: 'app/ShopTest.cls',
      line: 12,
      column: 3,
      rule: 'test',
      severity: 'error',
      message: 'sells: no',
    })
  })

  it('says where it went wrong when that is elsewhere', () => {
    const trace = 'Trigger.OnShop: line 2, column 1\nClass.ns.ShopTest.sells: line 5, column 1\n(System Code)'
    expect(findingOf(failed(trace), fileOf)).toMatchObject({
      line: 5,
      message: 'sells: no (Trigger.OnShop: line 2, column 1)',
    })
  })

  it('is shown at the beginning of its class where nothing is known', () => {
    expect(findingOf(failed(null, 'Other'), fileOf)).toMatchObject({ file: 'classes/Other.cls', line: 1, column: 1 })
  })
})
