/** The keys of a store, as they lie in the journal: what becomes of them is decided here, and stored by others. */
import { randomFillSync } from 'node:crypto'
import type { VaultKeys } from '../journal/secrets.ts'
import { decrypt, encrypt, newKey } from './cipher.ts'
import { newSealingKeys } from './sealed-box.ts'

const saltBytes = 16

export function newSalt(): Uint8Array {
  return randomFillSync(new Uint8Array(saltBytes))
}

/** The keys in buffers to be wiped. */
export interface OpenedKeys {
  readonly dataKeys: ReadonlyMap<number, Buffer>
  readonly sealing: Buffer
}

export function makeKeys(master: Uint8Array, salt: Uint8Array): VaultKeys {
  const dataKey = newKey()
  const { publicKey, privateBytes } = newSealingKeys()
  const opened = { dataKeys: new Map([[1, dataKey]]), sealing: privateBytes }
  try {
    return { ...wrap(opened, master), nextSealingKey: null, publicKey, salt }
  } finally {
    wipeKeys(opened)
  }
}

/** Throws when the master key is not the one that they are under. */
export function openKeys(master: Uint8Array, { dataKeys, sealingKey }: VaultKeys): OpenedKeys {
  const opened = new Map<number, Buffer>()
  try {
    for (const { id, wrapped } of dataKeys) opened.set(id, decrypt(master, wrapped, aboutDataKey(id)))
    return { dataKeys: opened, sealing: decrypt(master, sealingKey, aboutSealingKey) }
  } catch (error) {
    for (const key of opened.values()) key.fill(0)
    throw error
  }
}

export function wipeKeys({ dataKeys, sealing }: OpenedKeys): void {
  for (const key of dataKeys.values()) key.fill(0)
  sealing.fill(0)
}

export function areUnder(master: Uint8Array, keys: VaultKeys): boolean {
  try {
    wipeKeys(openKeys(master, keys))
    return true
  } catch {
    return false
  }
}

/** The same with one data key more, which is used for what is new. */
export function withNewDataKey(keys: VaultKeys, master: Uint8Array): VaultKeys {
  const id = Math.max(...keys.dataKeys.map((one) => one.id)) + 1
  const dataKey = newKey()
  try {
    const wrapped = encrypt(master, dataKey, aboutDataKey(id))
    return { ...keys, dataKeys: [...keys.dataKeys, { id, wrapped, next: null }] }
  } finally {
    dataKey.fill(0)
  }
}

/** The same, each under the next master key as well. */
export function underNext(keys: VaultKeys, master: Uint8Array, next: Uint8Array): VaultKeys {
  const opened = openKeys(master, keys)
  try {
    const { dataKeys, sealingKey } = wrap(opened, next)
    const nextOf = new Map(dataKeys.map(({ id, wrapped }) => [id, wrapped]))
    return {
      ...keys,
      dataKeys: keys.dataKeys.map((one) => ({ ...one, next: nextOf.get(one.id) ?? null })),
      nextSealingKey: sealingKey,
    }
  } finally {
    wipeKeys(opened)
  }
}

/** The next master key has become the one that counts. */
export function promoted(keys: VaultKeys): VaultKeys {
  return {
    ...keys,
    dataKeys: keys.dataKeys.map(({ id, wrapped, next }) => ({ id, wrapped: next ?? wrapped, next: null })),
    sealingKey: keys.nextSealingKey ?? keys.sealingKey,
    nextSealingKey: null,
  }
}

/** The next master key never came to be. */
export function withoutNext(keys: VaultKeys): VaultKeys {
  return { ...keys, dataKeys: keys.dataKeys.map((one) => ({ ...one, next: null })), nextSealingKey: null }
}

function wrap({ dataKeys, sealing }: OpenedKeys, master: Uint8Array): Pick<VaultKeys, 'dataKeys' | 'sealingKey'> {
  return {
    dataKeys: [...dataKeys].map(([id, key]) => ({ id, wrapped: encrypt(master, key, aboutDataKey(id)), next: null })),
    sealingKey: encrypt(master, sealing, aboutSealingKey),
  }
}

const aboutSealingKey = 'mayfly.sealing-key.v1'

/** The first one is as it always was. */
function aboutDataKey(id: number): string {
  return id === 1 ? 'mayfly.data-key.v1' : `mayfly.data-key.v1|${id}`
}
