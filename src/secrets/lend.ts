import type { AuditLog } from '../journal/audit.ts'
import type { Clock } from '../system/clock.ts'
import { newTaskId } from '../system/ids.ts'
import type { JsonObject } from '../task/json.ts'
import type { Task } from '../task/task.ts'
import type { Lease } from './lease.ts'
import { isOneTime, type OneTimeSecrets } from './one-time.ts'
import type { Ask } from './provider.ts'
import type { Providers } from './providers.ts'
import { vaultNameOf } from './reference.ts'
import { neverHere } from './unusable.ts'

/** Of all that a task is lent: what finds so much in its output is made in about a second. */
const maxLentBytes = 256 * 1024

export interface LenderDeps {
  readonly providers: Pick<Providers, 'get' | 'find'>
  readonly oneTime: Pick<OneTimeSecrets, 'get'>
  readonly audit: Pick<AuditLog, 'append'>
  readonly clock: Clock
}

const tooMuch = `its secrets have more than ${maxLentBytes} bytes together: give it fewer, or smaller ones`

/** By the request's names of secrets: where the task hands each on to. */
export type HandedTo = ReadonlyMap<string, readonly string[]>

/** What its kind says of the secrets of a task. */
export interface Terms {
  readonly handedTo: HandedTo
  /** Those that it does without where they are not there. */
  readonly dispensable: ReadonlySet<string>
}

/**
 * Fills an attempt's lease with all that its task refers to. Each use, and what the task
 * hands on to commands, is in the audit log, durable, before it happens. An abort ends the wait for what is slow.
 * Throws SecretUnavailable; whatever else is thrown is the store's failure.
 */
export async function lend(
  task: Task,
  lease: Lease,
  { handedTo, dispensable }: Terms,
  { providers, oneTime, audit, clock }: LenderDeps,
  asked: Omit<Ask, 'tenant'>,
): Promise<void> {
  const { tenant, attempt } = task
  let bytes = 0
  // Beside each other, since some are slow; what comes after another has failed is the lease's to wipe.
  const find = (name: string, reference: string) => {
    if (isOneTime(reference)) return oneTime.get(task.id, name)
    return providers[dispensable.has(name) ? 'find' : 'get'](reference, { tenant, ...asked })
  }
  const lent: [name: string, reference: string][] = []
  const coming = Object.entries(task.secrets).map(async ([name, reference]) => {
    const value = await find(name, reference)
    if (!value) return
    lent.push([name, reference])
    bytes += value.length
    lease.add(value, name)
    if (bytes > maxLentBytes) throw neverHere(tooMuch)
  })
  await Promise.all(coming).finally(() => Promise.allSettled(coming))
  const entry = (action: string, reference: string, detail: JsonObject) => ({
    id: newTaskId(),
    at: clock.now(),
    tenant,
    actor: task.id,
    action,
    subject: vaultNameOf(reference) ?? reference,
    detail: { attempt, kind: task.kind, ...detail },
  })
  const used = [...new Set(lent.map(([, reference]) => reference))].map((reference) =>
    entry('secret.used', reference, {}),
  )
  const handedOn = lent.flatMap(([name, reference]) =>
    (handedTo.get(name) ?? []).map((to) => entry('secret.handed-on', reference, { to })),
  )
  await Promise.all([...used, ...handedOn].map((one) => audit.append(one)))
}
