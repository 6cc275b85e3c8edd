import { toDeployResult } from '../metadata/deploy-result.ts'
import type { Deployment } from '../metadata/deployment.ts'
import type { EmulatedOrg } from '../org.ts'
import type { Value } from '../rows/store.ts'
import { salesforceTime } from '../time.ts'
import type { Values } from './steps.ts'

/** DeployRequest: what an org tells of its deployments to who has lost an id. A look lets time pass, as a poll does. */
export function followDeployments(org: EmulatedOrg): void {
  org.rows.hook('DeployRequest', {
    read: (row) => {
      if (row.CompletedDate === null) org.deployments.tick()
      return org.rows.get('DeployRequest', row.Id) ?? row
    },
  })
}

export function mirrorDeployment({ rows }: EmulatedOrg, deployment: Deployment): void {
  const values = valuesOf(deployment)
  if (rows.get('DeployRequest', deployment.id)) rows.update('DeployRequest', deployment.id, values)
  else rows.insert('DeployRequest', { Id: deployment.id, ...values }, deployment.userId)
}

function valuesOf(deployment: Deployment): Values {
  const result = toDeployResult(deployment, () => '', false) as Readonly<Record<string, Value>>
  return {
    Status: result.status ?? null,
    CheckOnly: result.checkOnly ?? null,
    IgnoreWarnings: result.ignoreWarnings ?? null,
    RollbackOnError: result.rollbackOnError ?? null,
    RunTestsEnabled: result.runTestsEnabled ?? null,
    StartDate: timeOf(deployment.startedAtMs),
    CompletedDate: timeOf(deployment.endedAtMs),
    CanceledById: result.canceledBy ?? null,
    NumberComponentsTotal: result.numberComponentsTotal ?? null,
    NumberComponentsDeployed: result.numberComponentsDeployed ?? null,
    NumberComponentErrors: result.numberComponentErrors ?? null,
    NumberTestsTotal: result.numberTestsTotal ?? null,
    NumberTestsCompleted: result.numberTestsCompleted ?? null,
    NumberTestErrors: result.numberTestErrors ?? null,
    StateDetail: result.stateDetail ?? null,
    ErrorMessage: result.errorMessage ?? null,
  }
}

function timeOf(ms: number | null): string | null {
  return ms === null ? null : salesforceTime(ms)
}
