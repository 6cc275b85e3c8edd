/** What came of a deployment, for programs: counts, findings in files, coverage. */
import { percentOf, shortfallsOf, type Thresholds } from '../../apex-tests/coverage.ts'
import { findingOf } from '../../apex-tests/findings.ts'
import type { ClassCoverage, MethodResult } from '../../apex-tests/method.ts'
import type { Finding } from '../../lint/report.ts'
import type { Origins } from '../build/entries.ts'
import type { CodeCoverage, DeployMessage, DeployStatus, RunTestResult } from '../result.ts'
import { fileOfCode, placeOf } from './place.ts'

export interface Outcome {
  readonly status: DeployStatus
  readonly methods: readonly MethodResult[]
  readonly coverage: readonly ClassCoverage[]
  /** Of all classes that it counted; null where none was. */
  readonly orgPercent: number | null
  /** Errors first. */
  readonly findings: readonly Finding[]
  /** What Salesforce says of the whole. */
  readonly error: string | null
}

const longestMessageCharacters = 2_000

export function outcomeOf(status: DeployStatus, origins: Origins, thresholds: Thresholds = {}): Outcome {
  const { details, errorMessage } = status
  const tests = details?.runTestResult ?? {}
  const methods = methodsOf(tests)
  const coverage = (tests.codeCoverage ?? []).map(coverageOf)
  const fileOf = (name: string, kind: 'class' | 'trigger') => fileOfCode(name, kind, origins)
  const findings = [
    ...(details?.componentFailures ?? []).map((message) => componentFinding(message, origins)),
    ...methods.filter(({ outcome }) => outcome === 'fail').map((result) => findingOf(result, fileOf)),
    ...coverageWarnings(tests, origins, status.success),
    ...shortfallsOf(coverage, thresholds).map(({ className, kind, message }) =>
      coverageFinding(message, className === null ? undefined : fileOf(className, kind), origins, 'error'),
    ),
    // What succeeds may still have something to say.
    ...(details?.componentSuccesses ?? [])
      .filter(({ problem }) => problem)
      .map((one) => componentFinding(one, origins)),
  ]
  return {
    status,
    methods,
    coverage,
    orgPercent: percentOf(coverage),
    findings: findings.sort((one, other) => weightOf(one) - weightOf(other)),
    error: errorMessage ?? null,
  }
}

function weightOf({ severity }: Finding): number {
  return severity === 'error' ? 0 : 1
}

function componentFinding(message: DeployMessage, origins: Origins): Finding {
  const { fullName, fileName, componentType, problem, problemType } = message
  const place = placeOf(message, origins)
  // Whoever reads "package.xml" or a file with many components wants to know which one it is.
  const isPlain = fullName === '' || fileName === '' || place.file.includes(fullName)
  return {
    ...place,
    rule: componentType || 'package',
    severity: problemType === 'Warning' ? 'warning' : 'error',
    message: `${isPlain ? '' : `${fullName}: `}${problem ?? 'Salesforce says no more'}`.slice(
      0,
      longestMessageCharacters,
    ),
  }
}

/** Salesforce's own, for which a deployment fails where it asks for coverage. */
function coverageWarnings(
  { codeCoverageWarnings = [] }: RunTestResult,
  origins: Origins,
  success: boolean,
): readonly Finding[] {
  return codeCoverageWarnings.map(({ name, message }) => {
    const file = name ? (fileOfCode(name, 'class', origins) ?? fileOfCode(name, 'trigger', origins)) : undefined
    return coverageFinding(name ? `${name}: ${message}` : message, file, origins, success ? 'warning' : 'error')
  })
}

function coverageFinding(
  message: string,
  file: string | undefined,
  { fallback }: Origins,
  severity: Finding['severity'],
): Finding {
  return { file: file ?? fallback, line: 1, column: 1, rule: 'coverage', severity, message }
}

function methodsOf({ successes = [], failures = [] }: RunTestResult): readonly MethodResult[] {
  return [
    ...failures.map(
      ({ name, methodName, message, stackTrace, time = 0 }): MethodResult => ({
        className: name,
        method: methodName ?? '(class)',
        outcome: 'fail',
        seconds: time / 1_000,
        message,
        stackTrace: stackTrace ?? null,
      }),
    ),
    ...successes.map(
      ({ name, methodName, time = 0 }): MethodResult => ({
        className: name,
        method: methodName,
        outcome: 'pass',
        seconds: time / 1_000,
        message: null,
        stackTrace: null,
      }),
    ),
  ]
}

function coverageOf({ name, type, numLocations, numLocationsNotCovered }: CodeCoverage): ClassCoverage {
  return {
    name,
    kind: type === 'Trigger' ? 'trigger' : 'class',
    lines: numLocations,
    uncovered: numLocationsNotCovered,
  }
}
