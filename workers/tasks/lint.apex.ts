import type { Context } from '../context.ts'
import type { LintResult } from '../lint/report.ts'
import { type LintInput, lintInputSchema, lintResultSchema, type Ruleset } from '../lint/schema.ts'

const rulesets: readonly Ruleset[] = ['apex', 'metadata', 'lwc']

/** Looks for faults in Apex, metadata and templates of Lightning web components, without an org and without ESLint. */
export default {
  kind: 'lint.apex',
  title: 'Lint Apex and metadata',
  pool: 'critical',
  limits: { runSeconds: 900, memoryMiB: 1024 },
  input: lintInputSchema(rulesets),
  result: lintResultSchema,
  async run(context: Context<LintInput>): Promise<LintResult> {
    const { runLint } = await import('../lint/run.ts')
    return runLint(context, { rulesets, fitting: false })
  },
}
