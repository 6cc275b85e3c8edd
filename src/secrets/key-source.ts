import { keychainKey } from './keychain-key.ts'
import { fileKey, type KeySettings, keyPlaceOf, type MasterKey } from './master-key.ts'
import { passphraseKey } from './passphrase-key.ts'
import type { Keychain } from './providers/keychain.ts'

export interface KeySources {
  readonly data: string
  readonly credentials?: string | undefined
  readonly keychain: Keychain
  /** Asks whoever starts it; the answer in a buffer to be wiped. */
  readonly askPassphrase: () => Promise<Buffer>
}

const keychainPrefix = 'keychain:'

/** Whether a setting of the master key names a file. */
export function isKeyFile(setting: string): boolean {
  return setting !== 'passphrase' && !setting.startsWith(keychainPrefix)
}

/** The item of the keychain that a setting of the master key names. */
export function keyItemOf(setting: string): string | undefined {
  return setting.startsWith(keychainPrefix) ? setting.slice(keychainPrefix.length) : undefined
}

/** `passphrase`, `keychain:SERVICE/ACCOUNT` or a file; without it what systemd brings, or the file among the data. */
export function masterKeyOf(setting: KeySettings['masterKey'], sources: KeySources): MasterKey {
  const { data, credentials, keychain, askPassphrase } = sources
  if (setting === 'passphrase') return passphraseKey(askPassphrase)
  const item = setting === undefined ? undefined : keyItemOf(setting)
  if (item !== undefined) return keychainKey(keychain, item)
  return fileKey(keyPlaceOf(data, { masterKey: setting, credentials }))
}
