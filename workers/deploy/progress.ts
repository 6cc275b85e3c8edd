/** How far a deployment is: by what Salesforce counts, and nothing where it counts nothing. */
import type { Progress } from '../../src/task/task.ts'
import type { DeployStatus } from './result.ts'

/** Parts of the whole, in percent: components, then tests, then what the org does at the end. */
const componentsFrom = 5
const componentsTo = 60
const testsTo = 98
const finalizing = 99

export function progressOf(status: DeployStatus): Progress {
  const message = messageOf(status)
  switch (status.status) {
    case 'Pending':
      return { phase: 'waiting in org queue', percent: null, message }
    case 'FinalizingDeploy':
      return { phase: 'finalizing', percent: finalizing, message }
    case 'Canceling':
      return { phase: 'cancelling', percent: null, message }
    case 'InProgress':
      return { ...counted(status), message }
    default:
      return { phase: 'collecting', percent: finalizing, message }
  }
}

/** Errors count as done, as they do in the total. */
function counted(status: DeployStatus): Pick<Progress, 'phase' | 'percent' | 'done' | 'total' | 'unit'> {
  const components = status.numberComponentsDeployed + status.numberComponentErrors
  const tests = status.numberTestsCompleted + status.numberTestErrors
  const areTested = status.numberComponentsTotal > 0 && components >= status.numberComponentsTotal
  if (status.numberTestsTotal > 0 && (areTested || tests > 0)) {
    const percent = between(componentsTo, testsTo, tests / status.numberTestsTotal)
    return { phase: 'testing', percent, done: tests, total: status.numberTestsTotal, unit: 'tests' }
  }
  if (status.numberComponentsTotal === 0) return { phase: 'deploying', percent: null }
  const percent = between(componentsFrom, componentsTo, components / status.numberComponentsTotal)
  return { phase: 'deploying', percent, done: components, total: status.numberComponentsTotal, unit: 'components' }
}

function between(from: number, to: number, share: number): number {
  return Math.floor(from + (to - from) * Math.min(1, share))
}

/** Salesforce's own words. */
function messageOf({ status, stateDetail, numberComponentErrors, numberTestErrors }: DeployStatus): string {
  const errors = numberComponentErrors + numberTestErrors
  return [
    status === 'Pending' ? 'Pending: its turn in the org has not come' : status,
    ...(stateDetail ? [`: ${stateDetail}`] : []),
    ...(errors > 0 ? [` (${errors} ${errors === 1 ? 'error' : 'errors'})`] : []),
  ].join('')
}
