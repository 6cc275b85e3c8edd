/** What came of tests: for programs, for persons, and the sentence of tests that failed. */
import type { Context } from '../context.ts'
import { type Finding, toLine } from '../lint/report.ts'
import { apiUsageSchema } from '../salesforce/input.ts'
import type { Covered } from './collect.ts'
import { percentOf, type Shortfall } from './coverage.ts'
import { junitOf } from './junit.ts'
import { coverageTable, failedTable, plain, sections } from './markdown.ts'
import { type Counts, countsOf, type MethodResult } from './method.ts'

export interface Report {
  readonly org: string
  /** The first run, and those again. */
  readonly runIds: readonly string[]
  /** Salesforce's own word for the first. */
  readonly status: string
  readonly methods: readonly MethodResult[]
  /** Of tests that passed when they ran again. */
  readonly recovered: number
  readonly coverage: { readonly classes: readonly Covered[]; readonly percent: number | null } | null
  readonly shortfalls: readonly Shortfall[]
  readonly findings: readonly Finding[]
}

/** In the result and in the log; the artifacts have all. */
const shown = 500

const count = { type: 'integer', minimum: 0 }
const text = { type: 'string' }
const percent = { type: ['integer', 'null'], minimum: 0, maximum: 100 }
const object = (properties: Readonly<Record<string, unknown>>) => ({
  type: 'object',
  required: Object.keys(properties),
  additionalProperties: false,
  properties,
})

export const testResultSchema = object({
  org: text,
  runIds: { type: 'array', items: text, description: 'of the run in the org, as in 707…, and of those again' },
  status: { ...text, description: "Salesforce's own word for the first run" },
  tests: object({ total: count, passed: count, failed: count, skipped: count, recovered: count }),
  seconds: { type: 'number', minimum: 0, description: 'of all methods together' },
  coverage: {
    ...object({ percent, classes: { type: 'array', items: object({ name: text, percent }) } }),
    type: ['object', 'null'],
    description: 'of the whole org; null where it was not asked for',
  },
  findings: { type: 'array', maxItems: 0, description: 'none, or the task has failed: then the artifacts have them' },
  truncated: { type: 'boolean', description: 'there were more classes than these: the artifacts have all' },
  apiUsage: apiUsageSchema,
})

export interface TestResult {
  readonly org: string
  readonly runIds: readonly string[]
  readonly status: string
  readonly tests: Counts & { readonly recovered: number }
  readonly seconds: number
  readonly coverage: {
    readonly percent: number | null
    readonly classes: readonly { readonly name: string; readonly percent: number | null }[]
  } | null
  readonly findings: readonly Finding[]
  readonly truncated: boolean
  readonly apiUsage: { readonly calls: number; readonly used: number | null; readonly limit: number | null }
}

export function toResult(report: Report, apiUsage: TestResult['apiUsage']): TestResult {
  const { org, runIds, status, methods, recovered, coverage, findings } = report
  const classes = coverage?.classes ?? []
  return {
    org,
    runIds,
    status,
    tests: { ...countsOf(methods), recovered },
    seconds: Math.round(1_000 * methods.reduce((sum, { seconds }) => sum + seconds, 0)) / 1_000,
    coverage: coverage && {
      percent: coverage.percent,
      classes: classes.slice(0, shown).map((one) => ({ name: one.name, percent: percentOf([one]) })),
    },
    findings,
    truncated: classes.length > shown,
    apiUsage,
  }
}

/** Of tests that came to no good end; undefined of those that did. */
export function failureOf(report: Report): { code: string; message: string } | undefined {
  const { org, runIds, status, methods, findings, shortfalls } = report
  const { total, failed } = countsOf(methods)
  const what = `org ${org}: the test run ${runIds[0]}`
  const [first] = findings
  const shownFirst = first ? `: ${first.file}:${first.line}: ${first.message}` : ''
  const more = findings.length > 1 ? ` (and ${findings.length - 1} more, in the log and the artifacts)` : ''
  if (failed > 0)
    return { code: 'TESTS_FAILED', message: `${what} had ${failed} of ${total} tests fail${shownFirst}${more}` }
  if (status === 'Aborted')
    return { code: 'TESTS_ABORTED', message: `${what} was stopped in the org before its end: ${total} tests had run` }
  if (total === 0)
    return { code: 'NO_TESTS', message: `${what} found no test to run: look at tests, suites and testLevel` }
  if (shortfalls.length > 0) {
    const said = shortfalls.slice(0, 3).map(({ message }) => message)
    const others = shortfalls.length > said.length ? `; and ${shortfalls.length - said.length} more` : ''
    return { code: 'COVERAGE_TOO_LOW', message: `${what} passed, but ${said.join('; ')}${others}` }
  }
  return undefined
}

const encode = (value: string) => new TextEncoder().encode(value)

/** `apex.test.json` has all findings, by the name that clients look for. */
export async function publish(report: Report, context: Context<unknown>): Promise<void> {
  const { findings, methods, coverage, org, shortfalls } = report
  if (findings.length > 0) process.stdout.write(`${findings.slice(0, shown).map(toLine).join('\n')}\n`)
  const json = { contentType: 'application/json' }
  await context.artifact(`${context.kind}.json`, encode(JSON.stringify(findings)), json)
  await context.artifact('tests.json', encode(JSON.stringify(methods)), json)
  if (coverage) await context.artifact('coverage.json', encode(JSON.stringify(coverage)), json)
  const problems = shortfalls.map(({ className, message }) => ({
    suite: 'coverage',
    name: className ?? 'all',
    message,
  }))
  const junit = junitOf(`${context.kind} ${org}`, methods, problems)
  await context.artifact('junit.xml', encode(junit), { contentType: 'application/xml' })
  await context.artifact('summary.md', encode(summaryOf(report)), { contentType: 'text/markdown' })
}

export function summaryOf({ org, runIds, methods, recovered, coverage, shortfalls }: Report): string {
  const { total, passed, failed, skipped } = countsOf(methods)
  const counts = [
    `${passed} of ${total} tests passed`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    ...(recovered > 0 ? [`${recovered} passed when they ran again`] : []),
    ...(coverage && coverage.percent !== null ? [`${coverage.percent} % covered`] : []),
  ]
  return sections([
    `### ${plain(`Apex tests ${runIds[0]} in ${org}`)}`,
    counts.join(' · '),
    shortfalls.map(({ message }) => `- ${plain(message)}`).join('\n'),
    failedTable(methods),
    coverage && coverage.classes.length > 0 ? `#### Coverage\n\n${coverageTable(coverage.classes)}` : '',
  ])
}
