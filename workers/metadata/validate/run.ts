import type { Context } from '../../context.ts'
import { FatalError } from '../../errors/steering.ts'
import { Checker } from '../../lint/checker.ts'
import { conclude } from '../../lint/conclude.ts'
import type { Finding, LintResult } from '../../lint/report.ts'
import { rootOf } from '../../lint/root.ts'
import { rulesetOf } from '../../lint/rulesets.ts'
import { checkNames } from './check-names.ts'
import { checkAll } from './checks.ts'
import type { ValidateInput } from './input.ts'
import { type Inventory, inventoryOf } from './inventory.ts'

export interface ValidateResult extends LintResult {
  readonly format: 'source' | 'mdapi'
  readonly components: number
}

const progressEveryMs = 200

/** A whole task: looks at a project as Salesforce would, before anything is uploaded. */
export async function runValidate(context: Context<ValidateInput>): Promise<ValidateResult> {
  const { include = [], exclude = [], checks = checkNames, compile } = context.input
  context.progress({ phase: 'fetching', percent: null })
  const root = await rootOf(context)
  if (compile && context.input.org === undefined)
    throw new FatalError('compile: say under org which org is to compile it')
  const inventory = inventoryOf(root, { include, exclude })
  const files = inventory.items.map(({ file }) => file)
  if (files.length === 0)
    throw new FatalError('there is nothing to validate here: check include, exclude and .forceignore')
  const wellformed = checks.includes('wellformed') ? await wellformedFindings(inventory, context) : []
  const found = [...wellformed, ...checkAll(inventory, checks), ...(compile ? await compiled(inventory, context) : [])]
  const plan = {
    scripts: [],
    linter: undefined,
    salesforce: files.map((file) => ({ file, ruleset: 'metadata' as const })),
  }
  const result = await conclude(plan, inOrder(found), context)
  return { ...result, format: inventory.format, components: componentsOf(inventory) }
}

async function compiled(inventory: Inventory, context: Context<ValidateInput>): Promise<readonly Finding[]> {
  const { compileInOrg } = await import('./compile.ts')
  return compileInOrg(inventory, context)
}

async function wellformedFindings({ root, items, manifests }: Inventory, context: Context<ValidateInput>) {
  const files = new Set(
    [...items, ...manifests].map(({ file }) => file).filter((file) => rulesetOf(file) === 'metadata'),
  )
  const checker = new Checker({ soon: ['metadata'] })
  const findings: Finding[] = []
  let [done, toldAt] = [0, 0]
  for (const file of files) {
    context.signal.throwIfAborted()
    if (Date.now() - toldAt > progressEveryMs) {
      toldAt = Date.now()
      const percent = Math.floor((100 * done) / files.size)
      context.progress({ phase: 'checking', percent, done, total: files.size, unit: 'files', message: file })
    }
    findings.push(...(await checker.check(root, file, 'metadata')))
    done++
  }
  await checker.close()
  context.progress({ phase: 'checking', percent: 100, done, total: files.size, unit: 'files' })
  return findings
}

function componentsOf({ items }: Inventory): number {
  return new Set(items.flatMap(({ place }) => (place?.member ? [`${place.member.type}:${place.member.name}`] : [])))
    .size
}

function inOrder(findings: readonly Finding[]): readonly Finding[] {
  return [...findings].sort((one, other) => {
    if (one.file !== other.file) return one.file < other.file ? -1 : 1
    return one.line - other.line || one.column - other.column
  })
}
