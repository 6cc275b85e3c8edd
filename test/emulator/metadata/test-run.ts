import {
  type ApexSource,
  type ClassCoverage,
  coverageOf,
  type MethodResult,
  percentCovered,
  runMethod,
  testMethodsIn,
} from './apex.ts'
import type { DeployOptions } from './options.ts'
import type { Rules } from './rules.ts'

/** What the tests of a deployment came to. */
export interface TestOutcome {
  readonly results: readonly MethodResult[]
  readonly coverage: readonly ClassCoverage[]
  readonly warnings: readonly { readonly id: string; readonly name?: string; readonly message: string }[]
  /** Classes that were asked for and are no tests. */
  readonly unknown: readonly string[]
}

/** Salesforce asks for that much, in percent: of the whole org, or of each class when tests are named. */
const requiredPercent = 75

export function runTestsOf(options: DeployOptions, classes: readonly ApexSource[], rules: Rules): TestOutcome {
  const { testLevel, runTests } = options
  if (testLevel === 'NoTestRun') return { results: [], coverage: [], warnings: [], unknown: [] }
  const chosen = testLevel === 'RunSpecifiedTests' ? classes.filter(({ name }) => runTests.includes(name)) : classes
  const results = chosen.flatMap((source) =>
    testMethodsIn(source.body).map((method) => runMethod(source, method, rules)),
  )
  const coverage = coverageOf(classes, rules)
  const known = new Set(chosen.map(({ name }) => name))
  const unknown = testLevel === 'RunSpecifiedTests' ? runTests.filter((name) => !known.has(name)) : []
  return { results, coverage, warnings: coverageWarnings(testLevel, coverage), unknown }
}

function coverageWarnings(testLevel: string, coverage: readonly ClassCoverage[]): TestOutcome['warnings'] {
  if (testLevel === 'RunSpecifiedTests') {
    return coverage
      .filter((one) => percentCovered([one]) < requiredPercent)
      .map((one) => ({
        id: one.id,
        name: one.name,
        message: `Test coverage of selected Apex Class is ${percentCovered([one])}%, at least ${requiredPercent}% test coverage is required.`,
      }))
  }
  const percent = percentCovered(coverage)
  if (percent >= requiredPercent) return []
  const message = `Average test coverage across all Apex Classes and Triggers is ${percent}%, at least ${requiredPercent}% test coverage is required.`
  return [{ id: '', message }]
}

/** `runTestResult` of a DeployResult. */
export function toRunTestResult({ results, coverage, warnings }: TestOutcome): object {
  const failed = results.filter(({ isPassed }) => !isPassed)
  return {
    codeCoverage: coverage.map(({ id, name, lines, uncovered }) => ({
      id,
      locationsNotCovered: uncovered.map((line) => ({ column: 0, line, numExecutions: 0, time: -1 })),
      name,
      numLocations: lines,
      numLocationsNotCovered: uncovered.length,
      type: 'Class',
    })),
    codeCoverageWarnings: warnings,
    failures: failed.map((result) => ({
      id: result.classId,
      message: result.message,
      methodName: result.methodName,
      name: result.className,
      packageName: result.className,
      stackTrace: result.stackTrace,
      time: result.timeMs,
      type: 'Class',
    })),
    numFailures: failed.length,
    numTestsRun: results.length,
    successes: results
      .filter(({ isPassed }) => isPassed)
      .map(({ classId, methodName, className, timeMs }) => ({
        id: classId,
        methodName,
        name: className,
        time: timeMs,
      })),
    totalTime: results.reduce((sum, { timeMs }) => sum + timeMs, 0),
  }
}
