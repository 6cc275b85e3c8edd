import { generateKeyPairSync } from 'node:crypto'
import { chmodSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Journal } from '../../src/journal/journal.ts'
import type { SecretRecords, VaultKeys } from '../../src/journal/secrets.ts'
import { fileKey, keyPlaceOf } from '../../src/secrets/master-key.ts'
import { Vault } from '../../src/secrets/vault.ts'
import { newTaskId } from '../../src/system/ids.ts'
import { takeOver } from '../../src/system/zeroable.ts'
import { buffersMadeBy, isWiped } from '../fixtures/buffers.ts'
import { openIn, temporaryDirectory } from '../journal/sqlite/fixture.ts'

const now = 1_700_000_000_000

describe('the vault', () => {
  let place: ReturnType<typeof temporaryDirectory>
  let journal: Journal
  let vault: Vault
  const key = () => keyPlaceOf(place.directory)
  const value = (text: string | Uint8Array) => takeOver(Buffer.from(text))
  const read = async (tenant: string, name: string) => (await vault.get(tenant, name))?.toString()

  beforeEach(async () => {
    place = temporaryDirectory()
    journal = await openIn(place.directory)
    vault = await Vault.open(journal.secrets, fileKey(key()))
  })
  afterEach(async () => {
    await journal.close()
    place.remove()
  })

  it('gives a secret back, also after a start, to its tenant only', async () => {
    expect(await vault.put('acme', 'token', value('hunter22'), now)).toBe(1)
    vault = await Vault.open(journal.secrets, fileKey(key()))
    expect(await read('acme', 'token')).toBe('hunter22')
    expect(await read('globex', 'token')).toBeUndefined()
    expect(await vault.list('globex')).toEqual([])
  })

  it('keeps the newest version, and never gives a number twice', async () => {
    await vault.put('acme', 'token', value('first one'), now)
    await vault.put('acme', 'token', value('second one'), now + 1)
    expect(await vault.list('acme')).toEqual([{ name: 'token', version: 2, createdAt: now, updatedAt: now + 1 }])
    expect(await vault.delete('acme', 'token', now)).toBe(true)
    expect(await vault.delete('acme', 'token', now)).toBe(false)
    expect(await read('acme', 'token')).toBeUndefined()
    expect(await vault.put('acme', 'token', value('third one'), now + 2)).toBe(3)
    expect(await vault.list('acme')).toEqual([{ name: 'token', version: 3, createdAt: now + 2, updatedAt: now + 2 }])
  })

  it('wipes what it is given, and lets one of two changes at once win', async () => {
    const values = [value('one of two'), value('two of two')] as const
    const results = await Promise.allSettled(values.map((one) => vault.put('acme', 'token', one, now)))
    expect(results.some(({ status }) => status === 'fulfilled')).toBe(true)
    for (const one of values) expect(one.every((byte) => byte === 0)).toBe(true)
    expect(['one of two', 'two of two']).toContain(await read('acme', 'token'))
  })

  it('does not open a row that was moved to another name or tenant', async () => {
    await vault.put('acme', 'token', value('hunter22'), now)
    const { sealed = value('') } = (await journal.secrets.get('acme', 'token')) ?? {}
    const entry = { id: newTaskId(), at: now, tenant: null, actor: 'nobody', action: 'moved', subject: '', detail: {} }
    await journal.secrets.put({ tenant: 'acme', name: 'other', version: 1, key: 1, sealed, at: now }, entry)
    const another = { ...entry, id: newTaskId() }
    await journal.secrets.put({ tenant: 'globex', name: 'token', version: 1, key: 1, sealed, at: now }, another)
    await expect(vault.get('acme', 'other')).rejects.toThrow('the secret other cannot be opened: store it again')
    await expect(vault.get('globex', 'token')).rejects.toThrow()
  })

  it('leaves no key behind: not in what it made them in, and not when it is closed', async () => {
    const { privateKey } = generateKeyPairSync('x25519')
    const exports = vi.spyOn(Object.getPrototypeOf(privateKey), 'export')
    const empty = temporaryDirectory()
    const other = await openIn(empty.directory)
    const made = await buffersMadeBy(async () =>
      (await Vault.open(other.secrets, fileKey(keyPlaceOf(empty.directory)))).close(),
    )
    await other.close()
    empty.remove()
    expect(made.length).toBeGreaterThanOrEqual(4)
    expect(made.every(isWiped)).toBe(true)
    expect(exports).toHaveBeenCalledOnce()
    const exported = exports.mock.results[0]?.value as Buffer
    expect(isWiped(exported.subarray(-32))).toBe(true)
    exports.mockRestore()
  })

  it('leaves no key behind when only one of the two can be opened', async () => {
    const keys = (await journal.secrets.keys()) as VaultKeys
    const broken = { ...keys, sealingKey: keys.sealingKey.map((byte) => byte ^ 1) }
    const records = { keys: async () => broken } as unknown as SecretRecords
    const made = await buffersMadeBy(() =>
      expect(Vault.open(records, fileKey(key()))).rejects.toThrow('is not the one'),
    )
    expect(made.length).toBeGreaterThanOrEqual(2)
    expect(made.every(isWiped)).toBe(true)
  })

  it('makes its master key at the first start, for nobody else to read', () => {
    const { mode, size } = statSync(key().path)
    expect([mode & 0o777, size]).toEqual([0o400, 32])
  })

  describe('without its master key', () => {
    const replaceKey = (bytes: Uint8Array) => {
      rmSync(key().path)
      writeFileSync(key().path, bytes)
      chmodSync(key().path, 0o400)
    }

    it('refuses to open, and makes no new one', async () => {
      rmSync(key().path)
      const opening = Vault.open(journal.secrets, fileKey(key()))
      await expect(opening).rejects.toMatchObject({
        name: 'VaultUnusable',
        message: expect.stringContaining('is missing'),
      })
      expect(statSync(key().path, { throwIfNoEntry: false })).toBeUndefined()
    })

    it('refuses a wrong one, and one that is cut off', async () => {
      replaceKey(Buffer.alloc(32, 7))
      await expect(Vault.open(journal.secrets, fileKey(key()))).rejects.toThrow('is not the one')
      replaceKey(Buffer.alloc(31, 7))
      await expect(Vault.open(journal.secrets, fileKey(key()))).rejects.toThrow('does not hold a master key')
    })

    it('starts anew when the operator gives up what it cannot open', async () => {
      await vault.put('acme', 'token', value('hunter22'), now)
      rmSync(key().path)
      vault = await Vault.open(journal.secrets, fileKey(key()), { forget: true })
      expect(await vault.list('acme')).toEqual([])
      await vault.put('acme', 'token', value('a new one'), now)
      expect(await read('acme', 'token')).toBe('a new one')
    })
  })
})
