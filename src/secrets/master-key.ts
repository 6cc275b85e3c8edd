import { closeSync, constants, fstatSync, fsyncSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { zeroable } from '../system/zeroable.ts'
import { keyBytes, newKey } from './cipher.ts'
import { VaultUnusable } from './unusable.ts'

const name = 'mayfly-master-key'

/** Where the key comes from that all others are encrypted under. */
export interface MasterKey {
  /** What sentences call it. */
  readonly name: string
  /** In a buffer to be wiped; undefined when there is none. Throws VaultUnusable for what is no key. */
  read(salt: Uint8Array): Promise<Buffer | undefined>
  /** How it is made and replaced, where that is ours to do. */
  readonly store?: KeyStore
}

export interface KeyStore {
  make(): Promise<Buffer>
  /** Makes another one beside it, durable before it resolves. */
  makeNext(): Promise<Buffer>
  readNext(): Promise<Buffer | undefined>
  /** The other one takes its place, and it is gone. */
  promote(): Promise<void>
}

/** A key in a file. */
export function fileKey(place: KeyPlace): MasterKey {
  const next = { ...place, path: `${place.path}.next` }
  const name = place.path
  const read = async () => readMasterKey(place)
  if (!place.canMake) return { name, read }
  return {
    name,
    read,
    store: {
      make: async () => makeMasterKey(place),
      makeNext: async () => makeMasterKey(next),
      readNext: async () => readMasterKey(next),
      async promote() {
        renameSync(next.path, place.path)
        syncDirectory(dirname(place.path))
      },
    },
  }
}

export interface KeyPlace {
  readonly path: string
  /** It is ours to make at a first start; one that systemd brings is not. */
  readonly canMake: boolean
}

/** Where the operator has set the key's file, and what systemd has brought. */
export interface KeySettings {
  readonly masterKey?: string | undefined
  /** The directory that systemd gives its services: $CREDENTIALS_DIRECTORY. */
  readonly credentials?: string | undefined
}

/** The file that was set comes first, then the key that systemd brings, then the one in the data directory. */
export function keyPlaceOf(dataDirectory: string, { masterKey, credentials }: KeySettings = {}): KeyPlace {
  if (masterKey !== undefined) return { path: masterKey, canMake: true }
  const brought = credentials === undefined ? undefined : join(credentials, name)
  return brought !== undefined && exists(brought)
    ? { path: brought, canMake: false }
    : { path: join(dataDirectory, 'master-key'), canMake: true }
}

/** The key in a buffer to be wiped; undefined when there is no such file. Throws VaultUnusable for what is no key. */
export function readMasterKey({ path }: KeyPlace): Buffer | undefined {
  const file = openIfThere(path)
  if (file === undefined) return undefined
  const key = zeroable(keyBytes)
  try {
    const isWhole = fstatSync(file).size === keyBytes && readSync(file, key, 0, keyBytes, 0) === keyBytes
    if (isWhole) return key
  } catch (error) {
    key.fill(0)
    throw error
  } finally {
    closeSync(file)
  }
  throw new VaultUnusable(
    `${path} does not hold a master key of ${keyBytes} bytes: put the right one back from a backup.`,
  )
}

/** Whole under another name first, so that a crash never leaves half a key; on disk before anything is encrypted with it. */
export function makeMasterKey({ path }: KeyPlace): Buffer {
  const key = newKey()
  const draft = `${path}.draft`
  try {
    rmSync(draft, { force: true })
    write(draft, key)
    renameSync(draft, path)
    syncDirectory(dirname(path))
    return key
  } catch (error) {
    key.fill(0)
    throw new VaultUnusable(`The master key ${path} cannot be written: ${(error as Error).message}.`, { cause: error })
  }
}

function write(path: string, key: Uint8Array): void {
  const file = openSync(path, 'wx', 0o400)
  try {
    writeSync(file, key)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

function syncDirectory(path: string): void {
  const directory = openSync(path, 'r')
  try {
    fsyncSync(directory)
  } finally {
    closeSync(directory)
  }
}

function openIfThere(path: string): number | undefined {
  try {
    // Not waited for: a pipe of this name would never answer.
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new VaultUnusable(`The master key ${path} cannot be read: ${(error as Error).message}.`, { cause: error })
  }
}

function exists(path: string): boolean {
  const file = openIfThere(path)
  if (file !== undefined) closeSync(file)
  return file !== undefined
}
