import type { Context } from '../../context.ts'
import { invalidInput } from '../../errors/steering.ts'
import { Checker } from '../../lint/checker.ts'
import { conclude } from '../../lint/conclude.ts'
import type { Finding, LintResult } from '../../lint/report.ts'
import { rootOf } from '../../lint/root.ts'
import { rulesetOf } from '../../lint/rulesets.ts'
import { type References, references } from '../references/check.ts'
import { checkNames } from './check-names.ts'
import { checkAll } from './checks.ts'
import type { ValidateInput } from './input.ts'
import { type Inventory, inventoryOf } from './inventory.ts'

export interface ValidateResult extends LintResult {
  readonly format: 'source' | 'mdapi'
  readonly components: number
  /** Where components name others; null where that was not looked at. */
  readonly references: ReferenceCounts | null
}

interface ReferenceCounts {
  readonly resolved: number
  readonly unresolved: number
  /** Components that the org must have: the artifact has them. */
  readonly needed: number
}

const progressEveryMs = 200
const neededName = 'needed.json'
const shownNeeded = 10

/** A whole task: looks at a project as Salesforce would, before anything is uploaded. */
export async function runValidate(context: Context<ValidateInput>): Promise<ValidateResult> {
  const { include = [], exclude = [], checks = checkNames, compile } = context.input
  context.progress({ phase: 'fetching', percent: null })
  const root = await rootOf(context)
  if (compile && context.input.org === undefined)
    throw invalidInput('compile: say under org which org is to compile it')
  const inventory = inventoryOf(root, { include, exclude })
  const files = inventory.items.map(({ file }) => file)
  if (files.length === 0)
    throw invalidInput('there is nothing to validate here: check include, exclude and .forceignore')
  const wellformed = checks.includes('wellformed') ? await wellformedFindings(inventory, context) : []
  const named = checks.includes('references') ? await namedIn(inventory, context) : undefined
  const found = [
    ...wellformed,
    ...checkAll(inventory, checks),
    ...(named?.findings ?? []),
    ...(compile ? await compiled(inventory, context) : []),
  ]
  const plan = {
    scripts: [],
    linter: undefined,
    salesforce: files.map((file) => ({ file, ruleset: 'metadata' as const })),
  }
  if (named) await tellNeeded(named.needed, context)
  const result = await conclude(plan, inOrder(found), context)
  return {
    ...result,
    format: inventory.format,
    components: componentsOf(inventory),
    references: named
      ? { resolved: named.resolved, unresolved: named.findings.length, needed: named.needed.length }
      : null,
  }
}

/** A part of a project is looked at with all of the project around it. */
async function namedIn(inventory: Inventory, context: Context<ValidateInput>): Promise<References> {
  const { include = [], exclude = [] } = context.input
  const isPart = include.length + exclude.length > 0
  const around = isPart ? inventoryOf(inventory.root, { include: [], exclude: [] }) : inventory
  const total = around.items.length
  const tell = (done: number, message: string) => {
    context.signal.throwIfAborted()
    const percent = Math.floor((100 * done) / total)
    context.progress({ phase: 'following references', percent, done, total, unit: 'files', message })
  }
  return references(inventory, { around, tell })
}

/** Nobody can tell offline whether an org has them: they are named, and no findings. */
async function tellNeeded(needed: References['needed'], context: Context<ValidateInput>): Promise<void> {
  if (needed.length === 0) return
  const bytes = new TextEncoder().encode(JSON.stringify(needed))
  await context.artifact(neededName, bytes, { contentType: 'application/json' })
  const some = needed.slice(0, shownNeeded).map(({ type, name }) => `${type} ${name}`)
  const more = needed.length > shownNeeded ? `, and ${needed.length - shownNeeded} more` : ''
  context.log.info(`the org must have what the sources name and do not have (${neededName}): ${some.join(', ')}${more}`)
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
