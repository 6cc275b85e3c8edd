import type { Context } from '../context.ts'
import { conclude } from './conclude.ts'
import { type Choice, type Plan, planOf } from './plan.ts'
import type { Finding, LintResult } from './report.ts'
import { rootOf } from './root.ts'
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
  return conclude(plan, found, context)
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

/** Scripts in this process, the files of Salesforce in another: both at once. Each can be cancelled between files. */
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
