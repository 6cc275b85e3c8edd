import { componentFindings, type Deployment, isError } from './deployment.ts'
import { isEnd } from './frames.ts'
import { toRunTestResult } from './test-run.ts'

/** A DeployResult as both APIs give it; the SOAP one leaves nulls out. */
export function toDeployResult(
  deployment: Deployment,
  nameOf: (userId: string) => string,
  withDetails: boolean,
): object {
  const { options, frame, findings, tests } = deployment
  const status = frame?.status ?? 'Pending'
  const isDone = isEnd(status)
  const isReal = isDone || deployment.startedAtMs !== null
  const components = componentFindings(deployment)
  const done = components.slice(0, frame?.componentsDone ?? 0)
  const errors = done.filter(({ message }) => isError(message.problemType, options))
  const runs = tests?.results.slice(0, frame?.testsDone ?? 0) ?? []
  const failedRuns = runs.filter(({ isPassed }) => !isPassed)
  const canceledBy = status === 'Canceled' || status === 'Canceling' ? deployment.cancelAskedBy : null
  return {
    canceledBy,
    canceledByName: canceledBy && nameOf(canceledBy),
    checkOnly: options.checkOnly,
    completedDate: dateOf(deployment.endedAtMs),
    createdBy: deployment.userId,
    createdByName: nameOf(deployment.userId),
    createdDate: dateOf(deployment.submittedAtMs),
    details: withDetails && isDone ? detailsOf(deployment) : {},
    done: isDone,
    ...(tests && tests.unknown.length > 0 && isDone ? unknownTests(tests.unknown) : {}),
    id: deployment.id,
    ignoreWarnings: options.ignoreWarnings,
    lastModifiedDate: dateOf(deployment.endedAtMs ?? deployment.startedAtMs ?? deployment.submittedAtMs),
    numberComponentErrors: errors.length + (isDone ? findings.length - components.length : 0),
    numberComponentsDeployed: done.length - errors.length,
    numberComponentsTotal: isReal ? components.length : 0,
    numberTestErrors: failedRuns.length,
    numberTestsCompleted: runs.length - failedRuns.length,
    numberTestsTotal: isReal ? (tests?.results.length ?? 0) : 0,
    rollbackOnError: options.rollbackOnError,
    runTestsEnabled: options.testLevel !== 'NoTestRun',
    startDate: dateOf(deployment.startedAtMs),
    stateDetail: frame?.stateDetail,
    status,
    success: status === 'Succeeded' || status === 'SucceededPartial',
  }
}

function detailsOf({ findings, options, tests, endedAtMs, frame }: Deployment): object {
  if (frame?.status === 'Canceled') return {}
  const createdDate = dateOf(endedAtMs)
  const messages = findings.map(({ message }) => {
    const isFailure = isError(message.problemType, options)
    return { ...message, success: !isFailure, createdDate }
  })
  return {
    componentFailures: messages.filter(({ success }) => !success),
    componentSuccesses: messages.filter(({ success }) => success),
    runTestResult: toRunTestResult(tests ?? { results: [], coverage: [], warnings: [], unknown: [] }),
  }
}

function unknownTests(names: readonly string[]): object {
  return {
    errorStatusCode: 'INVALID_ID_FIELD',
    errorMessage: `INVALID_ID_FIELD: Unable to find test classes with the following names: ${names.join(', ')}`,
  }
}

function dateOf(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString()
}
