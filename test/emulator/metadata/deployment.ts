import type { Frame } from './frames.ts'
import type { Finding } from './inspect.ts'
import type { DeployOptions } from './options.ts'
import type { TestOutcome } from './test-run.ts'

/** One deployment of an org, from the moment it was asked for. */
export interface Deployment {
  readonly id: string
  readonly userId: string
  readonly options: DeployOptions
  /** The package as it came; that of the validation for a quick deploy. */
  readonly zip: Buffer
  readonly zipSha256: string
  /** The validation that a quick deploy makes real. */
  readonly validationId: string | null
  /** Put there by a test as the work of somebody else: it may overlap with ours. */
  readonly isForeign: boolean
  readonly submittedAtMs: number
  startedAtMs: number | null
  endedAtMs: number | null
  cancelAskedBy: string | null
  /** Where it stands; null before its first poll. */
  frame: Frame | null
  findings: readonly Finding[]
  tests: TestOutcome | null
  /** What is still to come. */
  rest: Frame[]
}

const maxValidationAgeMs = 10 * 24 * 60 * 60 * 1000

/** Findings that count as components: those of package.xml itself do not. */
export function componentFindings({ findings }: Deployment): Finding[] {
  return findings.filter(({ message }) => message.componentType !== '')
}

/** Warnings are errors unless they are to be ignored. */
export function isError(problemType: string | undefined, { ignoreWarnings }: DeployOptions): boolean {
  return problemType === 'Error' || (problemType === 'Warning' && !ignoreWarnings)
}

/** What it comes to, before it has come there. */
export function endOf({ findings, options, tests }: Deployment): 'Succeeded' | 'SucceededPartial' | 'Failed' {
  const errors = findings.filter(({ message }) => isError(message.problemType, options)).length
  const isPartial = !options.rollbackOnError && errors > 0 && errors < findings.length
  if (isPartial) return 'SucceededPartial'
  const hasBadTests = tests?.results.some(({ isPassed }) => !isPassed) || (tests?.warnings.length ?? 0) > 0
  return errors > 0 || hasBadTests || (tests?.unknown.length ?? 0) > 0 ? 'Failed' : 'Succeeded'
}

/** Why a validation cannot be made real without running its tests again; null when it can. */
export function quickFlawOf(validation: Deployment, nowMs: number): string | null {
  const { options, frame, endedAtMs, validationId } = validation
  if (!options.checkOnly || validationId !== null) return 'it is not a validation'
  if (frame?.status !== 'Succeeded' || endedAtMs === null) return 'the validation has not succeeded'
  if (options.testLevel === 'NoTestRun') return 'the validation ran no tests'
  return nowMs - endedAtMs > maxValidationAgeMs ? 'the validation is older than 10 days' : null
}
