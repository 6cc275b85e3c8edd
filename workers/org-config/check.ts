/** Looks at the configuration of an org: one call for each source, and none for what no rule asks. */

import { junitOf } from '../apex-tests/junit.ts'
import type { MethodResult } from '../apex-tests/method.ts'
import type { Context } from '../context.ts'
import { FatalError } from '../errors/steering.ts'
import { SalesforceError } from '../salesforce/errors.ts'
import { markdownTable } from '../salesforce/markdown.ts'
import { type Org, openOrg } from '../salesforce/org.ts'
import type { CheckInput, CheckResult, Finding } from './input.ts'
import { type Answered, failing, type Judgement, judge } from './judge.ts'
import { RULES, type Rule } from './rules.ts'
import { type Row, SOURCES, type Source, type SourceName, type Told } from './sources.ts'
import { thresholdsOf } from './thresholds.ts'

const shownEvidence = 100

export async function checkConfig(context: Context<CheckInput>): Promise<CheckResult> {
  const { input, log } = context
  const rules = RULES.filter(({ id }) => input.rules?.includes(id) ?? true)
  const org = await openOrg(context)
  const answers = new Answers(org, context)
  const thresholds = thresholdsOf(input.thresholds)
  const judgements: Judgement[] = []
  for (const rule of rules) {
    progressTo(judgements.length, rules, rule, context)
    const judgement = judge(rule, await answers.of(rule.source), thresholds, org.now.getTime())
    if (judgement.judged.outcome === 'unknown') log.warn(`${rule.id} is unknown: ${judgement.judged.why}`)
    if (judgement.finding) log[levels[judgement.finding.severity]](judgement.finding.message)
    judgements.push(judgement)
  }
  const about = aboutOf(await answers.of('organization'))
  const findings = judgements.flatMap(({ finding }) => finding ?? [])
  const result = { org: org.alias, about, findings, rules: judgements.map(({ judged }) => judged) }
  await publish(context, result)
  failFor(failing(findings, input.failOn ?? 'error'), org, rules.length)
  const short = findings.map((one) => ({ ...one, evidence: one.evidence.slice(0, shownEvidence) }))
  return { ...result, findings: short, apiUsage: org.apiUsage }
}

const levels = { error: 'error', warning: 'warn', info: 'info' } as const

function progressTo(done: number, { length: total }: readonly Rule[], { id }: Rule, context: Context<CheckInput>) {
  const percent = Math.floor((100 * done) / total)
  context.progress({ phase: 'checking', percent, done, total, unit: 'rules', message: id })
}

/** Asks each source once. */
class Answers {
  readonly #org: Org
  readonly #context: Context<CheckInput>
  readonly #known = new Map<SourceName, Answered>()

  constructor(org: Org, context: Context<CheckInput>) {
    this.#org = org
    this.#context = context
  }

  async of(name: SourceName): Promise<Answered> {
    const known = this.#known.get(name) ?? (await this.#asked(SOURCES[name]))
    this.#known.set(name, known)
    return known
  }

  async #asked(source: Source): Promise<Answered> {
    try {
      return { told: await this.#told(source) }
    } catch (error) {
      if (error instanceof SalesforceError && isOfTheRule(error)) return { why: error.message }
      throw error
    }
  }

  async #told({ step, soql, path, tooling }: Source): Promise<Told> {
    if (soql) {
      const rows = tooling ? this.#org.tooling : this.#org.data
      return rows.query<Row>(soql(thresholdsOf(this.#context.input.thresholds)), { step })
    }
    const named = await this.#org.request<Readonly<Record<string, Row>>>(path ?? '/', { step })
    return Object.entries(named).map(([name, limit]) => ({ name, ...limit }))
  }
}

/** A table or field that the org does not have, or that its user may not see: nothing else fails for it. */
function isOfTheRule(error: SalesforceError): boolean {
  const { class: is, salesforceCode = '' } = error
  if (is === 'AUTH_INVALID') return salesforceCode.startsWith('INSUFFICIENT_ACCESS')
  return is === 'VALIDATION' || is === 'SALESFORCE_ERROR'
}

function aboutOf(answered: Answered): CheckResult['about'] {
  const [row = {}] = 'told' in answered ? answered.told : []
  return {
    name: textOf(row.Name),
    type: textOf(row.OrganizationType),
    isSandbox: typeof row.IsSandbox === 'boolean' ? row.IsSandbox : null,
    instance: textOf(row.InstanceName),
  }
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

function failFor(findings: readonly Finding[], { alias }: Org, rules: number): void {
  const [first] = findings
  if (!first) return
  const more = findings.length > 1 ? ` And ${findings.length - 1} more, in the log and in config.check.json.` : ''
  throw new FatalError(`org ${alias}: ${findings.length} of ${rules} rules found something: ${first.message}${more}`, {
    code: 'CONFIG_FINDINGS',
  })
}

async function publish(context: Context<CheckInput>, { org, findings, rules }: Omit<CheckResult, 'apiUsage'>) {
  const encode = (text: string) => new TextEncoder().encode(text)
  const json = { contentType: 'application/json' }
  await context.artifact('config.check.json', encode(JSON.stringify(findings)), json)
  const cases = rules.map(({ rule, outcome, why }): MethodResult => {
    const message = findings.find((one) => one.rule === rule)?.message ?? why
    const named = { passed: 'pass', found: 'fail', unknown: 'skip' } as const
    return {
      className: `config.check ${org}`,
      method: rule,
      outcome: named[outcome],
      seconds: 0,
      message,
      stackTrace: null,
    }
  })
  await context.artifact('junit.xml', encode(junitOf(`config.check ${org}`, cases)), { contentType: 'application/xml' })
  const rows = rules.map(({ rule, outcome, why }) => {
    const finding = findings.find((one) => one.rule === rule)
    return [
      rule,
      finding?.severity ?? outcome,
      finding ? (finding.actual?.toString() ?? null) : null,
      finding?.expected ?? why,
    ]
  })
  const summary = `# Configuration of org ${org}\n\n${markdownTable(['Rule', 'Outcome', 'Actual', 'Expected'], rows)}`
  await context.artifact('summary.md', encode(summary), { contentType: 'text/markdown' })
}
