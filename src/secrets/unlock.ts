/** Finds the master key that a store's keys are under, and finishes what a crash left of its change. */
import type { SecretRecords, VaultKeys } from '../journal/secrets.ts'
import { areUnder, makeKeys, newSalt, promoted, underNext, withoutNext } from './keys.ts'
import type { MasterKey } from './master-key.ts'
import { VaultUnusable } from './unusable.ts'

export interface Unlocking {
  readonly records: SecretRecords
  readonly key: MasterKey
  /** The one that was used before, where another one is to be used from now on. */
  readonly former?: MasterKey | undefined
}

/** The keys as they are from now on, with the master key that opens them in a buffer to be wiped. Throws VaultUnusable. */
export async function unlock(unlocking: Unlocking): Promise<{ keys: VaultKeys; master: Buffer }> {
  const { records, key, former } = unlocking
  const stored = await records.keys()
  const salt = stored?.salt ?? newSalt()
  const master = (await key.read(salt)) ?? (stored && !former ? lost(key) : await makeFor(key))
  try {
    if (!stored) return { keys: await records.init(makeKeys(master, salt)), master }
    return await settle({ ...stored, salt }, master, unlocking)
  } catch (error) {
    master.fill(0)
    throw error
  }
}

async function settle(keys: VaultKeys, master: Buffer, { records, key, former }: Unlocking) {
  const store = async (changed: VaultKeys, by = master) => {
    await records.setKeys(changed)
    return { keys: changed, master: by }
  }
  if (areUnder(master, keys)) {
    if (keys.nextSealingKey === null) return { keys, master }
    // It was made and has not taken its place yet, or it was lost before that.
    const next = await key.store?.readNext()
    try {
      if (next && areUnder(next, promoted(keys))) {
        await key.store?.promote()
        const settled = await store(promoted(keys), next)
        master.fill(0)
        return settled
      }
      next?.fill(0)
      return await store(withoutNext(keys))
    } catch (error) {
      next?.fill(0)
      throw error
    }
  }
  if (keys.nextSealingKey !== null && areUnder(master, promoted(keys))) return store(promoted(keys))
  const before = await former?.read(keys.salt ?? newSalt())
  try {
    if (before && areUnder(before, keys)) return await store(promoted(underNext(keys, before, master)))
  } finally {
    before?.fill(0)
  }
  throw notTheOne(key)
}

function makeFor(key: MasterKey): Promise<Buffer> {
  if (key.store) return key.store.make()
  throw new VaultUnusable(`There is no master key at ${key.name}.`)
}

const giveUp = 'To give up all secrets instead, start once with --forget-secrets.'

function lost({ name }: MasterKey): never {
  throw new VaultUnusable(
    `The master key ${name} is missing, and without it no stored secret can be opened: put it back from a backup. ${giveUp}`,
  )
}

function notTheOne({ name }: MasterKey): VaultUnusable {
  return new VaultUnusable(
    `The master key ${name} is not the one that the stored secrets were encrypted with: put the right one back, or name it as formerMasterKey. ${giveUp}`,
  )
}
