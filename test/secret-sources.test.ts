import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readConfig } from '../src/config/read.ts'
import type { Config } from '../src/config/schema.ts'
import type { Journal } from '../src/journal/journal.ts'
import { SecretSources } from '../src/secret-sources.ts'
import { takeOver } from '../src/system/zeroable.ts'
import { openIn, temporaryDirectory } from './journal/sqlite/fixture.ts'

describe('what secrets come from', () => {
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

  const configOf = (settings: Partial<Config>): Config => ({
    ...readConfig(['--data', place.directory], {}),
    ...settings,
  })
  const ask = { tenant: 'acme', signal: new AbortController().signal }

  it('asks for a passphrase once, and without anybody to ask says how to give it', async () => {
    const config = configOf({ masterKey: 'passphrase' })
    const alone = new SecretSources({ config, environment: {} })
    await expect(alone.openVault(journal.secrets)).rejects.toThrow(
      'There is nobody to ask for the passphrase: give it with --passphrase-fd.',
    )
    let asked = 0
    const askPassphrase = async () => {
      asked += 1
      return takeOver(Buffer.from('correct horse battery'))
    }
    const vault = await new SecretSources({ config, environment: {}, askPassphrase }).openVault(journal.secrets)
    await vault.put('acme', 'token', takeOver(Buffer.from('hunter22')), 0)
    expect(String(await vault.get('acme', 'token'))).toBe('hunter22')
    vault.close()
    expect(asked).toBe(1)
  })

  it('lends the vault of a tenant, files and commands, but never the master key, wherever it lies', async () => {
    const credentials = join(place.directory, 'credentials')
    mkdirSync(credentials)
    writeFileSync(join(credentials, 'token'), 'from a file', { mode: 0o400 })
    for (const name of ['own-key', 'mayfly-master-key']) {
      const config = configOf({
        credentials,
        ...(name === 'own-key' ? { masterKey: join(credentials, name) } : {}),
        secrets: {
          ...configOf({}).secrets,
          allow: { '*': ['file:*', 'command:*', 'vault:*'] },
          commands: { greeting: { command: ['/bin/sh', '-c', 'printf %s "$HELLO"'], timeoutSeconds: 20 } },
        } as Config['secrets'],
      })
      writeFileSync(join(credentials, name), Buffer.alloc(32, 7), { mode: 0o400 })
      const sources = new SecretSources({ config, environment: { HELLO: 'hello from outside' } })
      const vault = await sources.openVault(journal.secrets)
      const providers = sources.providers(vault)
      expect(String(await providers.get('file:credentials/token', ask))).toBe('from a file')
      expect(String(await providers.get('command:greeting', ask))).toBe('hello from outside')
      await expect(providers.get(`file:credentials/${name}`, ask)).rejects.toThrow(
        `file:credentials/${name} is Mayfly’s own key: it is lent to nobody`,
      )
      await expect(providers.get('no-such', ask)).rejects.toThrow('there is no secret no-such')
      vault.close()
    }
  })

  it('lends no master key of a keychain, nor a former one, nor one that is to be the next', async () => {
    const vault = await new SecretSources({ config: configOf({}), environment: {} }).openVault(journal.secrets)
    const old = join(place.directory, 'old')
    mkdirSync(old)
    for (const name of ['key', 'key.next']) writeFileSync(join(old, name), Buffer.alloc(32, 7), { mode: 0o400 })
    const config = configOf({
      masterKey: 'keychain:mayfly/master',
      formerMasterKey: join(old, 'key'),
      secrets: { ...configOf({}).secrets, allow: { '*': ['keychain:*', 'file:*'] }, files: { old: { path: old } } },
    })
    const providers = new SecretSources({ config, environment: {} }).providers(vault)
    for (const own of ['keychain:mayfly/master', 'keychain:mayfly/master.next']) {
      expect(providers.refusalOf(own)).toBe('is Mayfly’s own key, which is lent to nobody')
      await expect(providers.get(own, ask)).rejects.toThrow(`the secret ${own} is Mayfly’s own key`)
    }
    expect(providers.refusalOf('keychain:mayfly/other')).toBeUndefined()
    for (const own of ['file:old/key', 'file:old/key.next'])
      await expect(providers.get(own, ask)).rejects.toThrow(`${own} is Mayfly’s own key: it is lent to nobody`)
    vault.close()
  })
})
