import type { AuditLog } from '../journal/audit.ts'
import type { Clock } from '../system/clock.ts'
import { newTaskId } from '../system/ids.ts'
import type { Task } from '../task/task.ts'
import type { Lease } from './lease.ts'
import type { Vault } from './vault.ts'

export interface LenderDeps {
  readonly vault: Pick<Vault, 'get'>
  readonly audit: Pick<AuditLog, 'append'>
  readonly clock: Clock
}

/** A secret that a task asks for cannot be had now; the message names it and says what to do. */
export class SecretUnavailable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'SecretUnavailable'
  }
}

/**
 * Fills an attempt's lease with all that its task refers to. Each use is in the audit log, durable, before it happens.
 * Throws SecretUnavailable.
 */
export async function lend(task: Task, lease: Lease, { vault, audit, clock }: LenderDeps): Promise<void> {
  const { tenant, attempt } = task
  for (const [name, reference] of Object.entries(task.secrets)) {
    const stored = vaultNameOf(reference)
    const value = stored === undefined ? undefined : await get(vault, tenant, stored)
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

async function get(vault: LenderDeps['vault'], tenant: string, name: string): Promise<Buffer | undefined> {
  try {
    return await vault.get(tenant, name)
  } catch (error) {
    throw new SecretUnavailable(`the secret ${name} cannot be opened: store it again`, { cause: error })
  }
}

/** `vault:NAME` or just `NAME`; undefined for what another provider would have to know. */
export function vaultNameOf(reference: string): string | undefined {
  return /^(?:vault:)?([A-Za-z_][A-Za-z0-9_.-]{0,63})$/.exec(reference)?.[1]
}
