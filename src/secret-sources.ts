/** Everything that secrets come from, as the settings say: the master key of the vault, and the providers. */
import type { Config } from './config/schema.ts'
import type { SecretRecords } from './journal/secrets.ts'
import { isKeyFile, keyItemOf, masterKeyOf } from './secrets/key-source.ts'
import { keyPlaceOf } from './secrets/master-key.ts'
import { commandProvider } from './secrets/providers/command.ts'
import { fileProvider } from './secrets/providers/file.ts'
import { type Keychain, keychain } from './secrets/providers/keychain.ts'
import { vaultProvider } from './secrets/providers/vault.ts'
import { Providers } from './secrets/providers.ts'
import { ShortLived } from './secrets/short-lived.ts'
import { VaultUnusable } from './secrets/unusable.ts'
import { Vault } from './secrets/vault.ts'
import { withholding } from './secrets/withholding.ts'

type Environment = Readonly<Record<string, string>>

export interface SourceSettings {
  readonly config: Config
  /** What programs that bring secrets have for an environment. */
  readonly environment: Environment
  /** Asks whoever starts it for the passphrase of the master key, where that comes from one. */
  readonly askPassphrase?: (() => Promise<Buffer>) | undefined
}

/** What is asked outside of this process, in one place: only so many programs bring secrets at once. */
export class SecretSources {
  readonly #config: Config
  readonly #environment: Environment
  readonly #shortLived = new ShortLived()
  readonly #keychain: Keychain
  readonly #askPassphrase: () => Promise<Buffer>

  constructor({ config, environment, askPassphrase = nobodyToAsk }: SourceSettings) {
    this.#config = config
    this.#environment = environment
    this.#askPassphrase = askPassphrase
    const { secrets, startDeadlineSeconds } = config
    // Before its worker is given up.
    const timeoutSeconds = Math.min(secrets.keychain.timeoutSeconds, 0.8 * startDeadlineSeconds)
    this.#keychain = keychain({ ...secrets.keychain, timeoutSeconds, environment, shortLived: this.#shortLived })
  }

  /** Throws VaultUnusable. */
  openVault(records: SecretRecords): Promise<Vault> {
    const { data, credentials, masterKey, formerMasterKey, forgetSecrets } = this.#config
    const sources = { data, credentials, keychain: this.#keychain, askPassphrase: this.#askPassphrase }
    const former = formerMasterKey === undefined ? undefined : masterKeyOf(formerMasterKey, sources)
    return Vault.open(records, masterKeyOf(masterKey, sources), { forget: forgetSecrets, former })
  }

  providers(vault: Vault): Providers {
    const { credentials, secrets } = this.#config
    const { allow, files, commands } = secrets
    const roots = { ...(credentials !== undefined && { credentials: { path: credentials } }), ...files }
    const asked = { environment: this.#environment, shortLived: this.#shortLived }
    const known = {
      vault: vaultProvider(vault),
      keychain: withholding(this.#keychain, this.#keyItems()),
      file: fileProvider({ roots, withheld: this.#keyFiles() }),
      command: commandProvider({ commands, ...asked }),
    }
    return new Providers(known, allow)
  }

  /** No task is lent them, wherever they lie. */
  #keyFiles(): readonly string[] {
    const { data, credentials, masterKey, formerMasterKey } = this.#config
    const [set] = keyFilesOf(masterKey)
    const { path } = keyPlaceOf(data, { credentials, masterKey: set })
    return [path, ...keyFilesOf(formerMasterKey)].flatMap(withNext)
  }

  #keyItems(): readonly string[] {
    const { masterKey, formerMasterKey } = this.#config
    return [masterKey, formerMasterKey].flatMap((setting) => keyItemOf(setting ?? '') ?? []).flatMap(withNext)
  }
}

/** The file that a setting of the master key names, if it names one. */
function keyFilesOf(setting: string | undefined): readonly string[] {
  return setting !== undefined && isKeyFile(setting) ? [setting] : []
}

/** What a key is called, and the one that is to take its place. */
function withNext(name: string): readonly string[] {
  return [name, `${name}.next`]
}

async function nobodyToAsk(): Promise<never> {
  throw new VaultUnusable('There is nobody to ask for the passphrase: give it with --passphrase-fd.')
}
