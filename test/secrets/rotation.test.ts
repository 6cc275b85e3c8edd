import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Journal } from '../../src/journal/journal.ts'
import type { SecretRecords } from '../../src/journal/secrets.ts'
import { aboutOneTime } from '../../src/secrets/about.ts'
import { decrypt, newKey } from '../../src/secrets/cipher.ts'
import { keychainKey } from '../../src/secrets/keychain-key.ts'
import { fileKey, keyPlaceOf, type MasterKey } from '../../src/secrets/master-key.ts'
import { OneTimeSecrets } from '../../src/secrets/one-time.ts'
import { passphraseKey } from '../../src/secrets/passphrase-key.ts'
import type { Keychain } from '../../src/secrets/providers/keychain.ts'
import { Vault } from '../../src/secrets/vault.ts'
import { takeOver } from '../../src/system/zeroable.ts'
import { sampleEvent, sampleTask } from '../contracts/samples.ts'
import { buffersMadeBy, isWiped } from '../fixtures/buffers.ts'
import { openIn, temporaryDirectory } from '../journal/sqlite/fixture.ts'

const now = () => 1_700_000_000_000
const bytes = (text: string) => takeOver(Buffer.from(text))

describe('the keys of the vault', () => {
  let place: ReturnType<typeof temporaryDirectory>
  let journal: Journal
  beforeEach(async () => {
    place = temporaryDirectory()
    journal = await openIn(place.directory)
  })
  afterEach(async () => {
    await journal.close()
    place.remove()
  })

  const path = () => join(place.directory, 'master-key')
  const ofFile = () => fileKey(keyPlaceOf(place.directory))
  const names = Array.from({ length: 230 }, (_, number) => `n${number}`)
  const fill = (vault: Vault, some = names) =>
    Promise.all(some.map((name) => vault.put('acme', name, bytes(`value of ${name}`), now())))
  const all = async (vault: Vault, some = names) => {
    const values = await Promise.all(some.map((name) => vault.get('acme', name)))
    return values.map(String)
  }
  const expected = names.map((name) => `value of ${name}`)
  const keysInUse = () => {
    const db = new DatabaseSync(join(place.directory, 'journal.db'), { readOnly: true })
    const used = db.prepare('SELECT DISTINCT key FROM secret UNION SELECT key FROM one_time_secret').all()
    const known = db.prepare('SELECT id FROM data_key').all()
    db.close()
    return { used: used.map(({ key }) => key), known: known.map(({ id }) => id) }
  }

  it('are changed while a secret of one task is read, which opens all the same', async () => {
    const vault = await Vault.open(journal.secrets, ofFile())
    const task = sampleTask()
    const kept = { name: 'token', ...vault.encrypt(bytes('for one task alone'), aboutOneTime(task.id, 'token')) }
    await Promise.all(journal.addAll([{ task, queued: sampleEvent(), secrets: [kept] }]))
    let isFirst = true
    const records: Pick<typeof journal.secrets, 'oneTime'> = {
      async oneTime(id, name) {
        const read = await journal.secrets.oneTime(id, name)
        if (!isFirst) return read
        isFirst = false
        await vault.rotation.begin(now)
        await vault.rotation.settled()
        return read
      },
    }
    expect(String(await new OneTimeSecrets({ vault, records }).get(task.id, 'token'))).toBe('for one task alone')
    vault.close()
  })

  it('are changed, master key and all, while secrets are read and stored; what was before opens nothing', async () => {
    const vault = await Vault.open(journal.secrets, ofFile())
    await fill(vault)
    const task = sampleTask()
    const value = bytes('for one task alone')
    const kept = { name: 'token', ...vault.encrypt(value, aboutOneTime(task.id, 'token')) }
    await Promise.all(journal.addAll([{ task, queued: sampleEvent(), secrets: [kept] }]))
    const before = readFileSync(path())

    await vault.rotation.begin(now)
    expect(vault.rotation.progress.rotating).toBe(true)
    const meanwhile = Promise.all(
      Array.from({ length: 40 }, (_, number) => vault.put('acme', `new${number}`, bytes(`new ${number}`), now())),
    )
    expect(await all(vault)).toEqual(expected)
    await meanwhile
    await vault.rotation.settled()

    expect(vault.rotation.progress).toEqual({ rotating: false, left: 0 })
    expect(keysInUse()).toEqual({ used: [2], known: [2] })
    expect(await all(vault)).toEqual(expected)
    expect((await journal.secrets.oneTime(task.id, 'token'))?.key).toBe(2)
    const after = readFileSync(path())
    expect(after.equals(before)).toBe(false)
    expect(statSync(`${path()}.next`, { throwIfNoEntry: false })).toBeUndefined()
    const keys = await journal.secrets.keys()
    for (const { wrapped, id } of keys?.dataKeys ?? []) {
      expect(() => decrypt(before, wrapped, `mayfly.data-key.v1|${id}`)).toThrow()
    }
    const again = await Vault.open(journal.secrets, ofFile())
    expect(await all(again)).toEqual(expected)
    expect(
      again
        .decrypt((await journal.secrets.oneTime(task.id, 'token')) as never, aboutOneTime(task.id, 'token'))
        ?.toString(),
    ).toBe('for one task alone')
    const { entries } = await journal.audit.page({ limit: 100 })
    expect(entries.filter(({ action }) => action === 'secrets.rotated')).toHaveLength(1)
  })

  it('are whole after a crash at any step, and the next start finishes what it finds', async () => {
    const first = await Vault.open(journal.secrets, ofFile())
    await fill(first)
    let steps = 0
    for (let at = 1; ; at++) {
      const step = failingFrom(at)
      const vault = await Vault.open(crashing(journal.secrets, step), crashingKey(ofFile(), step))
      const crashed = await vault.rotation
        .begin(now)
        .then(() => vault.rotation.settled())
        .then(
          () => vault.rotation.progress.left > 0,
          () => true,
        )
      steps = step.done()
      const isDead = steps >= at
      vault.close()
      const next = await Vault.open(journal.secrets, ofFile())
      expect(await all(next), `after a crash at step ${at}`).toEqual(expected)
      next.rotation.resume(now)
      await next.rotation.settled()
      expect(await all(next), `finished after a crash at step ${at}`).toEqual(expected)
      const { used, known } = keysInUse()
      expect(used).toEqual(known)
      expect(known).toHaveLength(1)
      next.close()
      if (!isDead) break
      expect(crashed || at > 3).toBe(true)
    }
    expect(steps).toBeGreaterThanOrEqual(6)
  })

  it.each(['file', 'keychain'])(
    'of a %s are wiped, wherever a change of them fails, and at the start after that',
    async (kind) => {
      const { keychain } = keychainInMemory()
      const key = () => (kind === 'file' ? ofFile() : keychainKey(keychain, 'mayfly/master'))
      const first = await Vault.open(journal.secrets, key())
      await fill(first, ['one'])
      first.close()
      for (let at = 1; ; at++) {
        const step = failingFrom(at)
        const made = await buffersMadeBy(async () => {
          const vault = await Vault.open(crashing(journal.secrets, step), crashingKey(key(), step))
          await vault.rotation.begin(now).then(
            () => vault.rotation.settled(),
            () => undefined,
          )
          vault.close()
          const failing = failingFrom(1)
          const failed = await Vault.open(crashing(journal.secrets, failing), crashingKey(key(), failing)).catch(
            () => undefined,
          )
          failed?.close()
          const next = await Vault.open(journal.secrets, key())
          next.rotation.resume(now)
          await next.rotation.settled()
          next.close()
        })
        expect(made.length).toBeGreaterThan(5)
        expect(
          made.filter((one) => !isWiped(one)),
          `after a failure at step ${at}`,
        ).toEqual([])
        if (step.done() < at) break
      }
    },
  )

  it('are wiped when the master key is another one in the end', async () => {
    const vault = await Vault.open(journal.secrets, ofFile())
    vault.close()
    const made = await buffersMadeBy(async () => {
      const reads = [ofFile().read, ofFile().read, async () => newKey()]
      const read: MasterKey['read'] = async (salt) => reads.shift()?.(salt)
      const changed = await Vault.open(journal.secrets, { name: 'one that changes', read })
      await expect(changed.rotation.begin(now)).rejects.toThrow('it was not encrypted with this key')
      changed.close()
    })
    expect(made.length).toBeGreaterThan(5)
    expect(made.filter((one) => !isWiped(one))).toEqual([])
  })

  it('are changed under the same master key where that is not ours to make', async () => {
    const { name, read } = ofFile()
    await Vault.open(journal.secrets, ofFile())
    const vault = await Vault.open(journal.secrets, { name, read })
    await fill(vault, ['one'])
    const before = readFileSync(path())
    await vault.rotation.begin(now)
    await vault.rotation.settled()
    expect(keysInUse()).toEqual({ used: [2], known: [2] })
    expect(readFileSync(path()).equals(before)).toBe(true)
    expect(await all(await Vault.open(journal.secrets, { name, read }), ['one'])).toEqual(['value of one'])
  })

  it('go over to another master key at one start that names the former one', async () => {
    const vault = await Vault.open(journal.secrets, ofFile())
    await fill(vault, ['one'])
    const other = fileKey({ path: join(place.directory, 'other-key'), canMake: true })
    await expect(
      Vault.open(journal.secrets, fileKey({ path: join(place.directory, 'no-key'), canMake: true })),
    ).rejects.toThrow('is missing')
    const moved = await Vault.open(journal.secrets, other, { former: ofFile() })
    expect(await all(moved, ['one'])).toEqual(['value of one'])
    expect(await all(await Vault.open(journal.secrets, other), ['one'])).toEqual(['value of one'])
    await expect(Vault.open(journal.secrets, ofFile())).rejects.toThrow('is not the one')
  })

  it('may come from a passphrase, which has to be the same each time', async () => {
    const asked: Buffer[] = []
    const from = (text: string) =>
      passphraseKey(async () => {
        const passphrase = bytes(text)
        asked.push(passphrase)
        return passphrase
      })
    const vault = await Vault.open(journal.secrets, from('correct horse battery'))
    await fill(vault, ['one'])
    await vault.rotation.begin(now)
    await vault.rotation.settled()
    expect(await all(await Vault.open(journal.secrets, from('correct horse battery')), ['one'])).toEqual([
      'value of one',
    ])
    await expect(Vault.open(journal.secrets, from('correct horse stable'))).rejects.toThrow('is not the one')
    await expect(Vault.open(journal.secrets, from('short'))).rejects.toThrow('has fewer than 12 bytes')
    expect(asked.every((one) => one.every((byte) => byte === 0))).toBe(true)
  })

  it('may come from a keychain, and are changed there', async () => {
    const { items, keychain } = keychainInMemory()
    const key = () => keychainKey(keychain, 'mayfly/master')
    const vault = await Vault.open(journal.secrets, key())
    const before = String(items.get('mayfly/master'))
    expect(before).toMatch(/^[0-9a-f]{64}$/)
    await fill(vault, ['one'])
    await vault.rotation.begin(now)
    await vault.rotation.settled()
    expect([...items.keys()]).toEqual(['mayfly/master'])
    expect(String(items.get('mayfly/master'))).not.toBe(before)
    expect(await all(await Vault.open(journal.secrets, key()), ['one'])).toEqual(['value of one'])
  })
})

function keychainInMemory() {
  const items = new Map<string, Buffer>()
  const keychain: Keychain = {
    refusalOf: () => undefined,
    get: async (name) => (items.has(name) ? bytes(String(items.get(name))) : undefined),
    async set(name, value) {
      items.set(name, Buffer.from(value))
    },
    async delete(name) {
      items.delete(name)
    },
  }
  return { items, keychain }
}

interface Step {
  <A extends unknown[], T>(call: (...args: A) => Promise<T>): (...args: A) => Promise<T>
  /** So many have been begun. */
  done(): number
}

/** Counts what is done outside, and fails from the given step on: as if the process had ended there. */
function failingFrom(at: number): Step {
  let steps = 0
  const step = <A extends unknown[], T>(call: (...args: A) => Promise<T>) => {
    return async (...args: A): Promise<T> => {
      if (++steps >= at) throw new Error('it was killed')
      return call(...args)
    }
  }
  return Object.assign(step, { done: () => steps })
}

function crashing(records: SecretRecords, step: Step): SecretRecords {
  const guarded = ['setKeys', 'rewrap', 'keepOnly'] as const
  const own = Object.fromEntries(
    guarded.map((name) => [name, step(records[name].bind(records) as (...args: unknown[]) => Promise<unknown>)]),
  )
  return { ...records, ...own }
}

function crashingKey(key: MasterKey, step: Step): MasterKey {
  const { store } = key
  if (!store) return key
  return { ...key, store: { ...store, makeNext: step(store.makeNext), promote: step(store.promote) } }
}
