/**
 * A program: `LIBRARY get|set|delete SERVICE ACCOUNT`. Asks the keychain for one item and ends. The value goes to standard
 * output or comes from standard input, as bytes; nothing else is said but the exit code.
 */
import { readSync, writeSync } from 'node:fs'
import type { AsyncEntry } from '@napi-rs/keyring'
import { zeroable } from '../../system/zeroable.ts'
import { maxSecretBytes } from '../provider.ts'
import { ANSWER } from './keychain-answers.ts'

interface Item {
  /** In a buffer to be wiped. */
  get(): Promise<Buffer | undefined>
  set(value: Buffer): Promise<void>
  delete(): Promise<void>
}

const [library = '', action = '', service = '', account = ''] = process.argv.slice(2)
process.exitCode = await work().catch(() => ANSWER.failed)

async function work(): Promise<number> {
  const open = await load().catch(() => undefined)
  if (!open) return ANSWER.noLibrary
  const item = open()
  if (action === 'get') return give(await item.get())
  if (action === 'delete') await item.delete()
  else await take(item)
  return 0
}

/** That a library does not load is another matter than that it finds no keychain. */
function load(): Promise<() => Item> {
  return library === 'keytar' ? ofKeytar() : ofKeyring()
}

function give(value: Buffer | undefined): number {
  if (!value) return ANSWER.absent
  for (let at = 0; at < value.length; ) at += writeSync(1, value, at)
  value.fill(0)
  return 0
}

async function take(item: Item): Promise<void> {
  const all = zeroable(maxSecretBytes)
  let length = 0
  for (let read = -1; read !== 0 && length < all.length; length += read)
    read = readSync(0, all, length, all.length - length, null)
  await item.set(all.subarray(0, length))
  all.fill(0)
}

/** Of several stores that there may be, the one that lasts; without it, none. */
async function ofKeyring(): Promise<() => Item> {
  const { AsyncEntry } = await import('@napi-rs/keyring')
  return () => keyringItem(new AsyncEntry(service, account, { linux: { store: 'secret-service' } }))
}

function keyringItem(entry: AsyncEntry): Item {
  return {
    async get() {
      const bytes = await entry.getSecret()
      if (bytes === null || bytes === undefined) return undefined
      const value = zeroable(bytes.length)
      value.set(bytes)
      bytes.fill(0)
      return value
    },
    set: (value) => entry.setSecret(value),
    async delete() {
      await entry.deleteCredential()
    },
  }
}

interface Keytar {
  getPassword(service: string, account: string): Promise<string | null>
  setPassword(service: string, account: string, password: string): Promise<void>
  deletePassword(service: string, account: string): Promise<boolean>
}

/** It knows text alone, which stays in this process until it ends: at once. */
async function ofKeytar(): Promise<() => Item> {
  const name: string = 'keytar'
  const { default: keytar } = (await import(name)) as { default: Keytar }
  return () => keytarItem(keytar)
}

function keytarItem(keytar: Keytar): Item {
  return {
    async get() {
      const text = await keytar.getPassword(service, account)
      if (text === null) return undefined
      const value = zeroable(Buffer.byteLength(text))
      value.write(text)
      return value
    },
    set: (value) => keytar.setPassword(service, account, value.toString()),
    async delete() {
      await keytar.deletePassword(service, account)
    },
  }
}
