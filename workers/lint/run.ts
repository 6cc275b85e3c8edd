import { statSync } from 'node:fs'
import type { Context } from '../context.ts'
import { FatalError } from '../errors/steering.ts'
import { sourceOf } from '../sources/source.ts'
import { type Choice, type Plan, planOf } from './plan.ts'
import { publish, shownFindings } from './publish.ts'
import type { Finding, LintResult } from './report.ts'
import type { SalesforceRuleset } from './rulesets.ts'
import type { LintInput } from './schema.ts'

const progressEveryMs = 200

/** A whole task: fetches the sources, looks at them, tells what it found. Fails as the request's `failOn` says. */
export async function runLint(context: Context<LintInput>, usual: Choice): Promise<LintResult> {
  context.progress({ phase: 'fetching', percent: null })
  const checker = await checkerFor(context.input, usual)
  const root = await rootOf(context)
  const plan = await planOf(root, context.input, usual)
  const found = await lintAll(root, plan, context, checker)
  const findings = await newOnes(found, context)
  await publish({ plan, found, findings }, context)
  const result = toResult(plan, found, findings, context.input.baseline !== undefined)
  if (isFailure(result, context.input.failOn ?? 'error')) throw failure(result)
  return result
}

/** Where it is sure to be needed it loads while the sources come. */
async function checkerFor({ rulesets }: LintInput, usual: Choice): Promise<() => Promise<Checker>> {
  const sure = (rulesets ?? (usual.fitting ? [] : usual.rulesets)).filter(
    (one): one is SalesforceRuleset => one !== 'javascript',
  )
  const open = async () => new (await import('./checker.ts')).Checker({ soon: sure })
  const opened = sure.length > 0 ? await open() : undefined
  return async () => opened ?? (await open())
}

type Checker = import('./checker.ts').Checker

async function rootOf(context: Context<LintInput>): Promise<string> {
  const { upload, path, git } = context.input
  if ([upload, path, git].filter((place) => place !== undefined).length !== 1) {
    throw new FatalError('give one place of the sources: upload, path or git')
  }
  if (path === undefined) return sourceOf(context.input, context, { withLinks: false })
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return path
  throw new FatalError(`path: there is no directory ${path}`)
}

/** Scripts in this thread, the files of Salesforce in another: both at once. Each can be cancelled between files. */
async function lintAll(
  root: string,
  plan: Plan,
  context: Context<LintInput>,
  openChecker: () => Promise<Checker>,
): Promise<readonly Finding[]> {
  const tell = teller(plan, context)
  const scripts = async () => {
    const findings: Finding[] = []
    for (const file of plan.scripts) {
      context.signal.throwIfAborted()
      tell(file)
      findings.push(...((await plan.linter?.lint(file)) ?? []))
    }
    return findings
  }
  const salesforce = async () => {
    const findings: Finding[] = []
    if (plan.salesforce.length === 0) return findings
    const checker = await openChecker()
    for (const { file, ruleset } of plan.salesforce) {
      context.signal.throwIfAborted()
      tell(file)
      findings.push(...(await checker.check(root, file, ruleset)))
    }
    await checker.close()
    return findings
  }
  const found = await Promise.all([scripts(), salesforce()])
  tell('')
  return found.flat()
}

/** Called before each file, and once when all are done. */
function teller({ scripts, salesforce }: Plan, context: Context<LintInput>): (file: string) => void {
  const total = scripts.length + salesforce.length
  let [done, toldAt] = [-1, 0]
  return (file) => {
    done++
    if (file !== '' && Date.now() - toldAt <= progressEveryMs) return
    toldAt = Date.now()
    const percent = Math.floor((100 * done) / total)
    context.progress({ phase: 'linting', percent, done, total, unit: 'files', ...(file && { message: file }) })
  }
}

async function newOnes(found: readonly Finding[], context: Context<LintInput>): Promise<readonly Finding[]> {
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

function failure({ files, errors, warnings }: LintResult): Error {
  const counts = `${errors} ${errors === 1 ? 'error' : 'errors'} and ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`
  return new FatalError(`${counts} in ${files} files: the log and the artifacts lint.json and lint.sarif have them`)
}
