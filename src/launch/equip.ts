/**
 * What a worker is given for its task before it is told it: the directory that the task keeps, copies of uploads, secrets.
 * What cannot be had ends the attempt; a task that has nothing of the kind waits for nothing here.
 */
import type { KeptDirectories } from '../files/kept.ts'
import type { Registry } from '../kinds/registry.ts'
import { usesOf } from '../kinds/uses.ts'
import { MARKER } from '../process/census.ts'
import { type LenderDeps, lend } from '../secrets/lend.ts'
import { SecretUnavailable } from '../secrets/unusable.ts'
import { type Clock, restsEvery } from '../system/clock.ts'
import { messageOf } from '../system/message.ts'
import type { Attempt } from '../task/attempt.ts'
import type { Task } from '../task/task.ts'
import { type BringDeps, bring, type UploadPaths } from './bring.ts'
import type { Launched } from './launched.ts'
import { type TermsDeps, termsOf } from './terms.ts'

export interface EquipDeps extends BringDeps, TermsDeps {
  readonly lender: LenderDeps
  readonly kept: Pick<KeptDirectories, 'has' | 'lend'>
  readonly clock: Clock
}

/** What large secrets are masked by takes up to a second to make: nobody else waits longer than this for it. */
const stretchMs = 5

/** Whether a worker can be told the task as it is. */
export function needsNothing(task: Task, { registry, kept }: Pick<EquipDeps, 'registry' | 'kept'>): boolean {
  return asksForNothing(task, registry) && !kept.has(task.id)
}

/** The same of a task that is new, so that it has kept nothing. */
export function asksForNothing({ kind, input, secrets }: Task, registry: Registry): boolean {
  return Object.keys(secrets).length === 0 && usesOf(registry.get(kind), input).length === 0
}

/** Returns where the uploads are that were brought to it. */
export async function bringAll(launched: Launched, deps: EquipDeps): Promise<UploadPaths> {
  await lendKept(launched, deps)
  return bringUploads(launched, deps)
}

async function lendKept({ attempt, worker }: Launched, { kept, workspaces }: EquipDeps): Promise<void> {
  const { id } = attempt.task
  if (!worker || attempt.ending || !kept.has(id)) return
  try {
    await kept.lend(id, workspaces.keptOf(worker.id), worker.slot?.user)
  } catch (error) {
    const message = `its kept directory could not be brought to it: ${messageOf(error)}`
    attempt.end({ cause: 'not_started', message })
  }
}

async function bringUploads({ attempt, worker }: Launched, deps: EquipDeps): Promise<UploadPaths> {
  if (!worker || attempt.ending) return {}
  const ids = usesOf(deps.registry.get(attempt.task.kind), attempt.task.input)
  return ids.length > 0 ? bring(attempt, worker, ids, deps) : {}
}

export async function lendSecrets({ attempt, worker, lease }: Launched, deps: EquipDeps): Promise<void> {
  if (!worker || attempt.ending || Object.keys(attempt.task.secrets).length === 0) return
  try {
    const asked = { signal: endOf(attempt), mark: { [MARKER]: worker.id } }
    await lend(attempt.task, lease, termsOf(attempt.task, deps), deps.lender, asked)
    await lease.needles.prepare(restsEvery(stretchMs, deps.clock))
  } catch (error) {
    const message = messageOf(error)
    if (error instanceof SecretUnavailable) attempt.end({ cause: 'secret', message, retryable: error.isPassing })
    else attempt.end({ cause: 'not_started', message: `its secrets could not be read: ${message}` })
  }
}

/** Nobody waits for a secret whose attempt is over. */
function endOf({ ended }: Attempt): AbortSignal {
  const over = new AbortController()
  void ended.then(() => over.abort())
  return over.signal
}
