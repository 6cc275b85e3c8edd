import type { Context } from '../context.ts'
import type { LintResult } from '../lint/report.ts'
import { type LintInput, lintInputSchema, lintResultSchema, type Ruleset } from '../lint/schema.ts'

const rulesets: readonly Ruleset[] = ['javascript', 'apex', 'metadata', 'lwc']

/**
 * Looks for faults in JavaScript and TypeScript with ESLint, by the project's own configuration or a bundled one; among
 * the sources of a Salesforce project also in Apex, metadata and templates.
 */
export default {
  kind: 'lint',
  title: 'Lint sources',
  pool: 'critical',
  // What takes longest to load, and the same for all tasks.
  preload: [import.meta.resolve('eslint')],
  limits: { runSeconds: 900, memoryMiB: 1024 },
  input: lintInputSchema(rulesets),
  result: lintResultSchema,
  async run(context: Context<LintInput>): Promise<LintResult> {
    const { runLint } = await import('../lint/run.ts')
    return runLint(context, { rulesets, fitting: true })
  },
}
