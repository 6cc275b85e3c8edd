/** What tests came to, whether a deployment or a run of their own ran them. */

export interface MethodResult {
  readonly className: string
  readonly method: string
  readonly outcome: 'pass' | 'fail' | 'skip'
  readonly seconds: number
  /** Of one that did not pass. */
  readonly message: string | null
  readonly stackTrace: string | null
}

export interface ClassCoverage {
  readonly name: string
  readonly kind: 'class' | 'trigger'
  readonly lines: number
  readonly uncovered: number
}

export interface Counts {
  readonly total: number
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

export function countsOf(methods: readonly MethodResult[]): Counts {
  const count = (outcome: MethodResult['outcome']) => methods.filter((one) => one.outcome === outcome).length
  return { total: methods.length, passed: count('pass'), failed: count('fail'), skipped: count('skip') }
}
