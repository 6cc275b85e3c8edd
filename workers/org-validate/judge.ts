/** What the looks at an org come to. */
import type { Json } from '../../src/task/json.ts'
import type { TestResult } from '../apex-tests/report.ts'
import { plural } from '../composite/judge.ts'
import type { Verdict } from '../composite/steps.ts'
import { sentenceOf } from '../drift/compare.ts'
import type { DriftResult } from '../drift/input.ts'
import type { CheckResult } from '../org-config/input.ts'
import type { Health } from '../salesforce/health/look.ts'

const crowdedPercent = 80
const crowdedScore = 70
const points = { error: 20, warning: 5, info: 0 } as const

export function judgeHealth(result: Json): Verdict {
  const [health] = (result as unknown as { orgs: readonly Health[] }).orgs
  if (health?.status !== 'active')
    return { isGood: false, says: `${health?.status ?? 'unknown'}: ${health?.lastError ?? ''}` }
  const percent = health.apiUsage?.percent ?? 0
  const says = `active, ${percent} % of the day's API calls are used`
  return { isGood: true, says, score: percent >= crowdedPercent ? crowdedScore : 100 }
}

export function judgeConfig(result: Json): Verdict {
  const { org, findings, rules } = result as unknown as CheckResult
  const errors = findings.filter(({ severity }) => severity === 'error').length
  const lost = findings.reduce((sum, { severity }) => sum + points[severity], 0)
  return {
    isGood: errors === 0,
    says: `${plural(findings.length, 'finding')} of ${plural(rules.length, 'rule')}, ${plural(errors, 'error')} among them`,
    score: Math.max(0, 100 - lost),
    findings: findings.map(({ rule, severity, message }) => ({
      file: `org/${org}`,
      line: 1,
      column: 1,
      rule,
      severity: severity === 'error' ? 'error' : 'warning',
      message,
    })),
  }
}

/** What was changed in an org by hand is told; it fails nothing. */
export function judgeDrift(result: Json): Verdict {
  const { org, same, changed, onlyHere, onlyThere, drifts } = result as unknown as DriftResult
  const differing = changed + onlyHere + onlyThere
  return {
    isGood: true,
    says: `${same} the same, ${changed} changed there, ${onlyHere} not there, ${onlyThere} only there`,
    score: same + differing === 0 ? 100 : Math.round((100 * same) / (same + differing)),
    findings: drifts.map((drift) => ({
      file: drift.file ?? `org/${org}`,
      line: 1,
      column: 1,
      rule: `drift/${drift.what}`,
      severity: 'warning',
      message: sentenceOf(drift, org),
    })),
  }
}

export function judgeTests(result: Json): Verdict {
  const { tests, coverage, status } = result as unknown as TestResult
  const covered = coverage?.percent == null ? '' : `, ${coverage.percent} % covered`
  return { isGood: true, says: `${status}: ${tests.passed} of ${plural(tests.total, 'test')} passed${covered}` }
}
