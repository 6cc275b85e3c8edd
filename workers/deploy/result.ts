/** A deployment as the Metadata API tells of it, by SOAP and by REST alike. Of the details only the last look has any. */

export interface DeployMessage {
  readonly fullName: string
  readonly fileName: string
  readonly componentType?: string | null
  readonly problem?: string | null
  readonly problemType?: string | null
  readonly lineNumber?: number | null
  readonly columnNumber?: number | null
  readonly created?: boolean
  readonly changed?: boolean
  readonly deleted?: boolean
}

export interface TestFailure {
  readonly name: string
  readonly methodName?: string | null
  readonly message: string
  readonly stackTrace?: string | null
  readonly time?: number
}

export interface CodeCoverage {
  readonly name: string
  readonly type?: string | null
  readonly numLocations: number
  readonly numLocationsNotCovered: number
}

export interface RunTestResult {
  readonly numTestsRun?: number
  readonly totalTime?: number
  readonly successes?: readonly { readonly name: string; readonly methodName: string; readonly time?: number }[]
  readonly failures?: readonly TestFailure[]
  readonly codeCoverage?: readonly CodeCoverage[]
  readonly codeCoverageWarnings?: readonly { readonly name?: string | null; readonly message: string }[]
}

export interface DeployStatus {
  readonly id: string
  /** Pending, InProgress, FinalizingDeploy, Succeeded, SucceededPartial, Failed, Canceling, Canceled … */
  readonly status: string
  readonly done: boolean
  readonly success: boolean
  readonly checkOnly?: boolean
  readonly stateDetail?: string | null
  readonly errorMessage?: string | null
  readonly canceledByName?: string | null
  readonly numberComponentsDeployed: number
  readonly numberComponentsTotal: number
  readonly numberComponentErrors: number
  readonly numberTestsCompleted: number
  readonly numberTestsTotal: number
  readonly numberTestErrors: number
  readonly details?: {
    readonly componentFailures?: readonly DeployMessage[]
    readonly componentSuccesses?: readonly DeployMessage[]
    readonly runTestResult?: RunTestResult | null
  } | null
}

const ends = ['Succeeded', 'SucceededPartial', 'Failed', 'Canceled', 'FinalizingDeployFailed']

export function isOver({ status, done }: Pick<DeployStatus, 'status' | 'done'>): boolean {
  return done || ends.includes(status)
}
