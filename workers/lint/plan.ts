import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { invalidInput } from '../errors/steering.ts'
import { filesIn } from './files.ts'
import type { SourceLinter } from './linter.ts'
import type { SalesforceRuleset } from './rulesets.ts'
import type { LintInput, Ruleset } from './schema.ts'

/** Which files are to be looked at, and by what. */
export interface Plan {
  readonly scripts: readonly string[]
  readonly linter: SourceLinter | undefined
  readonly salesforce: readonly { readonly file: string; readonly ruleset: SalesforceRuleset }[]
}

/** A kind's rulesets count where the request names none; `fitting`: those for Salesforce only among its sources. */
export interface Choice {
  readonly rulesets: readonly Ruleset[]
  readonly fitting: boolean
}

export async function planOf(root: string, input: LintInput, usual: Choice): Promise<Plan> {
  const { include = [], exclude = [], config } = input
  const wanted = input.rulesets ? { rulesets: input.rulesets, fitting: false } : usual
  const files = [...filesIn(root, { include, exclude })]
  const salesforce = await salesforceFiles(root, files, wanted)
  if (!wanted.rulesets.includes('javascript')) return full({ scripts: [], linter: undefined, salesforce })
  // ESLint takes a quarter of a second: only who asks for scripts loads it.
  const { SourceLinter } = await import('./linter.ts')
  const linter = SourceLinter.open(root, config)
  const scripts: string[] = []
  for (const file of files) if (await linter.wants(file)) scripts.push(file)
  return full({ scripts, linter, salesforce })
}

async function salesforceFiles(
  root: string,
  files: readonly string[],
  { rulesets, fitting }: Choice,
): Promise<Plan['salesforce']> {
  if (rulesets.every((ruleset) => ruleset === 'javascript')) return []
  if (fitting && !existsSync(join(root, 'sfdx-project.json')) && !files.some((file) => file.endsWith('-meta.xml')))
    return []
  const { rulesetOf } = await import('./rulesets.ts')
  return files.flatMap((file) => {
    const ruleset = rulesetOf(file)
    return ruleset && rulesets.includes(ruleset) ? { file, ruleset } : []
  })
}

function full(plan: Plan): Plan {
  if (plan.scripts.length + plan.salesforce.length > 0) return plan
  throw invalidInput('there is no file to lint here: check include and exclude, and what the configuration covers')
}
