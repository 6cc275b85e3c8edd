/**
 * Everything under new keys, while tasks go on: a new master key takes the place of the one that there is, and secrets go
 * over to a new data key batch by batch. Each step is durable before the next; a start goes on where a crash broke off.
 */
import type { AuditEntry } from '../journal/audit.ts'
import type { Rewrapped, SecretRecords, VaultKeys } from '../journal/secrets.ts'
import { newTaskId } from '../system/ids.ts'
import { aboutOneTime, aboutSecret } from './about.ts'
import type { KeyRing } from './key-ring.ts'
import { type OpenedKeys, openKeys, promoted, underNext, withNewDataKey } from './keys.ts'
import type { MasterKey } from './master-key.ts'
import { VaultUnusable } from './unusable.ts'

const batchRows = 100
/** Between two batches, so that no other write is behind more than one. */
const restMs = 5

/** How far the keys have been changed. */
export interface RotationProgress {
  readonly rotating: boolean
  /** Secrets that are still under an older key. */
  readonly left: number
}

export interface RotationDeps {
  readonly records: SecretRecords
  readonly key: MasterKey
  readonly keys: KeyRing
}

export class Rotation {
  readonly #deps: RotationDeps
  #progress: RotationProgress = { rotating: false, left: 0 }
  #goingOver: Promise<void> = Promise.resolve()
  #isStopped = false

  constructor(deps: RotationDeps) {
    this.#deps = deps
  }

  get progress(): RotationProgress {
    return this.#progress
  }

  /**
   * Puts everything under new keys. Resolves when they are in their place; what there is goes over to them from then on,
   * while all else goes on. Throws VaultUnusable.
   */
  async begin(now: () => number): Promise<void> {
    if (this.#progress.rotating) return
    this.#progress = { rotating: true, left: 0 }
    const { records, key, keys } = this.#deps
    try {
      const { dataKeys, sealing } = await changedKeys(records, key)
      sealing.fill(0)
      keys.adopt(dataKeys)
    } catch (error) {
      this.#progress = { rotating: false, left: 0 }
      throw error
    }
    this.#goOn(now)
  }

  /** Goes on with what an earlier start has begun. */
  resume(now: () => number): void {
    if (this.#deps.keys.hasOlder && !this.#progress.rotating) this.#goOn(now)
  }

  /** Resolves when nothing goes over to other keys any more. */
  settled(): Promise<void> {
    return this.#goingOver
  }

  /** The next start goes on with it. */
  stop(): void {
    this.#isStopped = true
  }

  #goOn(now: () => number): void {
    this.#progress = { rotating: true, left: this.#progress.left }
    const to = this.#deps.keys.newest
    this.#goingOver = this.#goOver(to, now).then(
      (isDone) => {
        if (isDone) this.#deps.keys.keepOnly(to)
        this.#progress = { rotating: false, left: isDone ? 0 : this.#progress.left }
      },
      // The next start, or the next wish, goes on with it.
      () => {
        this.#progress = { rotating: false, left: this.#progress.left }
      },
    )
  }

  /** Brings all under one data key, and forgets the others; false when it was stopped before. */
  async #goOver(to: number, now: () => number): Promise<boolean> {
    const { records } = this.#deps
    while (!this.#isStopped) {
      const { rows, left } = await records.under(to, batchRows)
      this.#progress = { rotating: true, left }
      if (rows.length > 0) await records.rewrap(rows.map((row) => this.#rewrapped(row)))
      else if (await records.keepOnly(to, entry(to, now()))) return true
      await new Promise((resolve) => setTimeout(resolve, restMs))
    }
    return false
  }

  /** What does not open, and never will, only changes hands. */
  #rewrapped(row: Rewrapped): Rewrapped {
    const { keys } = this.#deps
    const about = 'task' in row ? aboutOneTime(row.task, row.name) : aboutSecret(row.tenant, row.name, row.version)
    const value = keys.decrypt(row, about)
    if (!value) return { ...row, key: keys.newest }
    const sealed = keys.encrypt(value, about)
    value.fill(0)
    return { ...row, ...sealed }
  }
}

/** Puts the keys under new ones, and opens them as they are then. */
async function changedKeys(records: SecretRecords, key: MasterKey): Promise<OpenedKeys> {
  const keys = await changeKeys(records, key)
  const master = await key.read(keys.salt ?? new Uint8Array(0))
  if (!master) throw new Error('The master key was taken away while it was changed.')
  try {
    return openKeys(master, keys)
  } finally {
    master.fill(0)
  }
}

/** Resolves with the keys as they are then; the new master key is in its place, where it is ours to make. */
async function changeKeys(records: SecretRecords, key: MasterKey): Promise<VaultKeys> {
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

function entry(to: number, at: number): AuditEntry {
  const subject = 'keys'
  return { id: newTaskId(), at, tenant: null, actor: 'mayfly', action: 'secrets.rotated', subject, detail: { key: to } }
}
