/**
 * Everything under new keys, while tasks go on: a new master key takes the place of the one that there is, and secrets go
 * over to a new data key batch by batch. Each step is durable before the next; a start goes on where a crash broke off.
 */
import type { AuditEntry } from '../journal/audit.ts'
import type { Rewrapped, SecretRecords, VaultKeys } from '../journal/secrets.ts'
import { newTaskId } from '../system/ids.ts'
import { promoted, underNext, withNewDataKey } from './keys.ts'
import type { MasterKey } from './master-key.ts'
import { VaultUnusable } from './unusable.ts'

const batchRows = 100
/** Between two batches, so that no other write is behind more than one. */
const restMs = 5

/** Resolves with the keys as they are then; the new master key is in its place, where it is ours to make. */
export async function changeKeys(records: SecretRecords, key: MasterKey): Promise<VaultKeys> {
  const stored = await records.keys()
  const master = await key.read(stored?.salt ?? new Uint8Array(0))
  if (!stored || !master)
    throw new VaultUnusable(`The master key ${key.name} is not there any more: put it back first.`)
  let next: Buffer | undefined
  try {
    const grown = withNewDataKey(stored, master)
    if (!key.store) {
      await records.setKeys(grown)
      return grown
    }
    next = await key.store.makeNext()
    const both = underNext(grown, master, next)
    await records.setKeys(both)
    await key.store.promote()
    await records.setKeys(promoted(both))
    return promoted(both)
  } finally {
    master.fill(0)
    next?.fill(0)
  }
}

export interface GoingOver {
  readonly records: SecretRecords
  readonly to: number
  /** The same under the newest data key. */
  readonly rewrap: (row: Rewrapped) => Rewrapped
  readonly progress: (left: number) => void
  readonly isStopped: () => boolean
  readonly now: () => number
}

/** Brings all under one data key, and forgets the others; false when it was stopped before. */
export async function goOver({ records, to, rewrap, progress, isStopped, now }: GoingOver): Promise<boolean> {
  while (!isStopped()) {
    const { rows, left } = await records.under(to, batchRows)
    progress(left)
    if (rows.length > 0) await records.rewrap(rows.map(rewrap))
    else if (await records.keepOnly(to, entry(to, now()))) return true
    await new Promise((resolve) => setTimeout(resolve, restMs))
  }
  return false
}

function entry(to: number, at: number): AuditEntry {
  const subject = 'keys'
  return { id: newTaskId(), at, tenant: null, actor: 'mayfly', action: 'secrets.rotated', subject, detail: { key: to } }
}
