/**
 * The life of a test run: begin once, look until it is over, run again alone what others have kept from passing, collect.
 *
 * Whoever dies in between leaves it running in the org, and works out again what it had worked out: what has run is asked
 * for in the org, and which run comes next follows from that.
 */
import type { Context } from '../context.ts'
import { FatalError } from '../errors/steering.ts'
import type { Finding } from '../lint/report.ts'
import { type Org, openOrg } from '../salesforce/org.ts'
import { cancelRemoteJob, runRemoteJob } from '../salesforce/remote-job.ts'
import { coverageIn, resultsOf } from './collect.ts'
import { type Shortfall, shortfallsOf } from './coverage.ts'
import { fileFinder } from './files.ts'
import { type FileOf, findingOf } from './findings.ts'
import { coverageOf, requestOf, type TestInput, type TestRequest } from './input.ts'
import type { MethodResult } from './method.ts'
import { failureOf, publish, type Report, type TestResult, toResult } from './report.ts'
import { toRunAgain, withLater } from './rerun.ts'
import { knownRuns, runJob } from './runs.ts'
import { Runs } from './saved.ts'

export async function runTests(context: Context<TestInput>): Promise<TestResult> {
  const request = requestOf(context.input)
  const runs = new Runs(context)
  const org = await open(context, runs)
  const fileOf = await fileFinder(context)
  const report = await testAll({ context, org, runs }, request, fileOf)
  await publish(report, context)
  const failure = failureOf(report)
  if (failure) throw new FatalError(failure.message, { code: failure.code })
  return toResult(report, org.apiUsage)
}

/** After a cancel, a deadline or a failure: nothing goes on in the org that nobody waits for. */
export async function stopTests(context: Context<TestInput>): Promise<void> {
  const runs = new Runs(context)
  if (!runs.last || endings.includes(context.error?.code ?? '')) return
  const org = await open(context, runs, true)
  await cancelRemoteJob(context, org, runJob(org, {}, runs.known), runs.last)
}

/** Those of runs that had ended. */
const endings = ['TESTS_FAILED', 'TESTS_ABORTED', 'NO_TESTS', 'COVERAGE_TOO_LOW']

function open(context: Context<TestInput>, { apiVersion }: Runs, isCleanup = false): Promise<Org> {
  return openOrg(context, { isCleanup, ...(apiVersion !== null && { apiVersion }) })
}

interface Tools {
  readonly context: Context<TestInput>
  readonly org: Org
  readonly runs: Runs
}

async function testAll(tools: Tools, request: TestRequest, fileOf: FileOf): Promise<Report> {
  const { context, org, runs } = tools
  const { input } = context
  if (!runs.last) {
    org.step = 'looking which test runs it has'
    runs.note({ known: await knownRuns(org), apiVersion: org.apiVersion })
  }
  const first = await runOne(tools, 0, request)
  const { methods, runIds } = await runAgain(tools, first)
  const level = coverageOf(input)
  org.step = 'reading what its tests cover'
  const coverage = level === 'none' ? null : await coverageIn(org, level === 'detailed')
  const shortfalls = coverage ? shortfallsOf(coverage.classes, input.thresholds ?? {}, coverage.percent) : []
  return {
    org: org.alias,
    runIds: [first.id, ...runIds],
    status: first.status,
    methods,
    recovered: failedIn(first.methods) - failedIn(methods),
    coverage,
    shortfalls,
    findings: findingsOf(methods, shortfalls, fileOf),
  }
}

interface Ran {
  readonly id: string
  readonly status: string
  readonly methods: readonly MethodResult[]
}

async function runOne({ context, org, runs }: Tools, index: number, request: TestRequest): Promise<Ran> {
  const { id, status } = await runRemoteJob(context, org, runJob(org, request, runs.known), runs.memo(index))
  org.step = `reading the results of the test run ${id}`
  return { id, status: status.Status, methods: await resultsOf(org, id) }
}

async function runAgain(tools: Tools, { methods: first }: Ran) {
  const { retryFailed } = tools.context.input
  let methods = first
  const runIds: string[] = []
  for (let time = 0; retryFailed && time < (retryFailed.times ?? 1); time++) {
    for (const test of toRunAgain(methods, retryFailed)) {
      tools.context.log.info(`${test.className}: ${test.testMethods?.join(', ')} run again, alone`)
      const request = { tests: [test], testLevel: 'RunSpecifiedTests', skipCodeCoverage: true }
      const ran = await runOne(tools, 1 + runIds.length, request)
      runIds.push(ran.id)
      methods = withLater(methods, ran.methods)
    }
  }
  return { methods, runIds }
}

function failedIn(methods: readonly MethodResult[]): number {
  return methods.filter(({ outcome }) => outcome === 'fail').length
}

function findingsOf(
  methods: readonly MethodResult[],
  shortfalls: readonly Shortfall[],
  fileOf: FileOf,
): readonly Finding[] {
  const failed = methods.filter(({ outcome }) => outcome === 'fail')
  return [
    ...failed.map((result) => findingOf(result, fileOf)),
    ...shortfalls.flatMap(({ className, kind, message }): Finding[] => {
      // Of all code together there is no file to show it beside.
      if (className === null) return []
      const folder = kind === 'trigger' ? `triggers/${className}.trigger` : `classes/${className}.cls`
      const file = fileOf(className, kind) ?? folder
      return [{ file, line: 1, column: 1, rule: 'coverage', severity: 'error', message }]
    }),
  ]
}
