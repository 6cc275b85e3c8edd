import type { Context } from '../context.ts'
import { FatalError } from '../errors/steering.ts'
import type { Plan } from './plan.ts'
import { artifactsOf, publish, shownFindings } from './publish.ts'
import type { Finding, LintResult } from './report.ts'
import type { LintInput } from './schema.ts'

export type Concluding = Pick<LintInput, 'baseline' | 'format' | 'failOn'>

/** Tells what was found, and fails as the request's `failOn` says. */
export async function conclude(
  plan: Plan,
  found: readonly Finding[],
  context: Context<Concluding>,
): Promise<LintResult> {
  const findings = await newOnes(found, context)
  await publish({ plan, found, findings }, context)
  const result = toResult(plan, found, findings, context.input.baseline !== undefined)
  if (isFailure(result, context.input.failOn ?? 'error')) throw failure(result, artifactsOf(context.input.format))
  return result
}

async function newOnes(found: readonly Finding[], context: Context<Concluding>): Promise<readonly Finding[]> {
  const { baseline } = context.input
  if (baseline === undefined) return found
  const { readBaseline, withoutKnown } = await import('./baseline.ts')
  return withoutKnown(found, readBaseline(context.upload(baseline)))
}

function toResult(
  plan: Plan,
  found: readonly Finding[],
  findings: readonly Finding[],
  isCompared: boolean,
): LintResult {
  const count = (severity: Finding['severity']) => findings.filter((one) => one.severity === severity).length
  return {
    files: new Set([...plan.scripts, ...plan.salesforce.map(({ file }) => file)]).size,
    errors: count('error'),
    warnings: count('warning'),
    ...(isCompared && { known: found.length - findings.length }),
    findings: findings.slice(0, shownFindings),
    truncated: findings.length > shownFindings,
  }
}

function isFailure({ errors, warnings }: LintResult, failOn: NonNullable<LintInput['failOn']>): boolean {
  if (failOn === 'never') return false
  return errors > 0 || (failOn === 'warning' && warnings > 0)
}

function failure({ files, errors, warnings }: LintResult, artifacts: readonly string[]): Error {
  const counts = `${errors} ${errors === 1 ? 'error' : 'errors'} and ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`
  return new FatalError(
    `${counts} in ${files} files: the log and ${artifacts.length > 1 ? 'the artifacts' : 'the artifact'} ${artifacts.join(' and ')} have them`,
  )
}
