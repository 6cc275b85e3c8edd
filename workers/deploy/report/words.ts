/** What came of a deployment, for persons: a summary, and the sentence of one that failed. */
import { coverageTable, failedTable, plain, sections, table } from '../../apex-tests/markdown.ts'
import type { Finding } from '../../lint/report.ts'
import type { Outcome } from './outcome.ts'

/** "validation", "deployment", "quick deployment": how people speak of it. */
export type Name = 'validation' | 'deployment' | 'quick deployment'

export interface Named {
  readonly org: string
  readonly name: Name
}

export function summaryOf(outcome: Outcome, { org, name }: Named): string {
  const { status, findings, methods, coverage, orgPercent, error } = outcome
  const counts = [
    `${status.numberComponentsDeployed} of ${status.numberComponentsTotal} components`,
    `${status.numberTestsCompleted} of ${status.numberTestsTotal} tests passed`,
    ...(orgPercent === null ? [] : [`${orgPercent} % covered`]),
  ]
  return sections([
    `### ${plain(`${name} ${status.id} to ${org}: ${status.status}`)}`,
    counts.join(' · '),
    error === null ? '' : `**${plain(error)}**`,
    table(['', 'Where', 'What'], findings.filter(({ rule }) => rule !== 'test').map(rowOf)),
    failedTable(methods),
    coverage.length === 0 ? '' : `#### Coverage\n\n${coverageTable(coverage)}`,
  ])
}

function rowOf({ severity, file, line, message }: Finding): readonly string[] {
  return [severity, plain(`${file}:${line}`), plain(message)]
}

/** Of one that came to no good end; undefined of one that did. */
export function failureOf(outcome: Outcome, { org, name }: Named): { code: string; message: string } | undefined {
  const { status, error } = outcome
  const what = `org ${org}: the ${name} ${status.id}`
  if (status.status === 'Canceled') {
    const by = status.canceledByName ? ` by ${status.canceledByName}` : ''
    return { code: 'DEPLOY_CANCELED', message: `${what} was cancelled in the org${by}: nothing of it is deployed` }
  }
  const errors = outcome.findings.filter(({ severity }) => severity === 'error')
  if (status.success && errors.length === 0) return undefined
  const isShort = status.success && errors.every(({ rule }) => rule === 'coverage')
  const verdict = isShort ? `${status.checkOnly ? 'succeeded' : 'is deployed'}, but is not good enough` : status.status
  const said = error === null ? [] : [error]
  const shown = [...said, ...errors.slice(0, 1).map(lineOf)].join('; ')
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more, in the log and the artifacts)` : ''
  const code = isShort ? 'COVERAGE_TOO_LOW' : 'DEPLOY_FAILED'
  return {
    code,
    message: `${what} ${isShort ? verdict : `ended as ${verdict}`}: ${shown || 'Salesforce says no more'}${more}`,
  }
}

function lineOf({ file, line, message }: Finding): string {
  return `${file}:${line}: ${message}`
}
