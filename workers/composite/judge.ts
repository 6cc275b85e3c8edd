/** What results of the kinds that are steps come to. */
import type { Json } from '../../src/task/json.ts'
import type { DeployResult } from '../deploy/report/result.ts'
import type { LintResult } from '../lint/report.ts'
import type { Verdict } from './steps.ts'

export type FailOn = 'error' | 'warning' | 'never'

const pointsPerError = 10
const pointsPerWarning = 1

/** Of kinds that look for faults, and are told to return them instead of failing. */
export function judgeLint(failOn: FailOn): (result: Json) => Verdict {
  return (result) => {
    const { files, errors, warnings, findings } = result as unknown as LintResult
    const bad = failOn === 'never' ? 0 : failOn === 'warning' ? errors + warnings : errors
    return {
      isGood: bad === 0,
      says: `${plural(errors, 'error')} and ${plural(warnings, 'warning')} in ${plural(files, 'file')}`,
      score: Math.max(0, 100 - pointsPerError * errors - pointsPerWarning * warnings),
      findings,
    }
  }
}

export function judgeDeploy(result: Json): Verdict {
  const { status, components, tests, coverage, findings } = result as unknown as DeployResult
  const covered = coverage.percent === null ? '' : `, ${coverage.percent} % covered`
  return {
    isGood: true,
    says: `${status}: ${plural(components.deployed, 'component')}, ${tests.passed} of ${plural(tests.total, 'test')} passed${covered}`,
    findings,
  }
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
