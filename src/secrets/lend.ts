import type { AuditLog } from '../journal/audit.ts'
import type { Clock } from '../system/clock.ts'
import { newTaskId } from '../system/ids.ts'
import type { Task } from '../task/task.ts'
import type { Lease } from './lease.ts'
import { vaultNameOf } from './reference.ts'
import { SecretUnavailable } from './unusable.ts'
import type { Vault } from './vault.ts'

export interface LenderDeps {
  readonly vault: Pick<Vault, 'get'>
  readonly audit: Pick<AuditLog, 'append'>
  readonly clock: Clock
}

/**
 * Fills an attempt's lease with all that its task refers to. Each use is in the audit log, durable, before it happens.
 * Throws SecretUnavailable; whatever else is thrown is the store's failure.
 */
export async function lend(task: Task, lease: Lease, { vault, audit, clock }: LenderDeps): Promise<void> {
  const { tenant, attempt } = task
  for (const [name, reference] of Object.entries(task.secrets)) {
    const stored = vaultNameOf(reference)
    const value = stored === undefined ? undefined : await vault.get(tenant, stored)
    if (!value) throw new SecretUnavailable(`there is no secret ${reference}: store it, and the task finds it`)
    lease.add(value, name)
  }
  const used = (reference: string) => ({
    id: newTaskId(),
    at: clock.now(),
    tenant,
    actor: task.id,
    action: 'secret.used',
    subject: vaultNameOf(reference) ?? reference,
    detail: { attempt, kind: task.kind },
  })
  await Promise.all([...new Set(Object.values(task.secrets))].map((reference) => audit.append(used(reference))))
}
