import type { Context } from '../context.ts'
import type { Plan } from './plan.ts'
import { type Finding, toLine, toSarif } from './report.ts'
import type { Format, LintInput } from './schema.ts'

/** In the result and in the log; the artifacts have all. */
export const shownFindings = 500

const usualFormats: readonly Format[] = ['json', 'sarif']
const names: Readonly<Record<Format, string>> = { json: 'lint.json', sarif: 'lint.sarif', junit: 'lint.xml' }

export function artifactsOf(formats = usualFormats): readonly string[] {
  return formats.map((format) => names[format])
}

interface Outcome {
  readonly plan: Plan
  readonly found: readonly Finding[]
  /** Without those of the baseline. */
  readonly findings: readonly Finding[]
}

/** What people read goes to the log, what programs read becomes artifacts. */
export async function publish(
  { plan, found, findings }: Outcome,
  context: Context<Pick<LintInput, 'format' | 'baseline'>>,
): Promise<void> {
  const { format = usualFormats, baseline } = context.input
  if (findings.length > 0) process.stdout.write(`${findings.slice(0, shownFindings).map(toLine).join('\n')}\n`)
  const keep = (name: string, text: string, contentType: string) =>
    context.artifact(name, new TextEncoder().encode(text), { contentType })
  if (format.includes('json')) await keep(names.json, JSON.stringify(findings), 'application/json')
  if (format.includes('sarif')) {
    await keep(names.sarif, JSON.stringify(await sarifOf(plan, findings)), 'application/sarif+json')
  }
  if (format.includes('junit')) {
    const { toJUnit } = await import('./junit.ts')
    const files = [...plan.scripts, ...plan.salesforce.map(({ file }) => file)]
    await keep(names.junit, toJUnit(files, findings), 'application/xml')
  }
  // The next baseline: what was known is still there.
  if (baseline !== undefined) await keep('baseline.json', JSON.stringify(found), 'application/json')
}

/** A run for each tool that looked. */
async function sarifOf({ linter, salesforce }: Plan, findings: readonly Finding[]): Promise<object> {
  const byRules = new Set(salesforce.map(({ file }) => file))
  const runs: Parameters<typeof toSarif>[0][number][] = []
  if (linter) {
    const { version } = await import('./linter.ts')
    const driver = { name: 'ESLint', version, informationUri: 'https://eslint.org' }
    runs.push({ driver, facts: {}, findings: findings.filter(({ file }) => !byRules.has(file)) })
  }
  if (salesforce.length > 0) {
    const { salesforceRules } = await import('./rules.ts')
    runs.push({
      driver: { name: 'Mayfly' },
      facts: salesforceRules,
      findings: findings.filter(({ file }) => byRules.has(file)),
    })
  }
  return toSarif(runs)
}
