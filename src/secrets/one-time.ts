/** Secrets that come with a submission: encrypted until its task starts, and gone when it has ended. */
import type { SealedValue, SecretRecords } from '../journal/secrets.ts'
import { aboutOneTime } from './about.ts'
import { takeIn } from './intake.ts'
import { SecretUnavailable } from './unusable.ts'
import type { Vault } from './vault.ts'

const prefix = 'once:'

/** What a task has for a reference to one: nobody can ask for it by that. */
export function oneTimeReference(name: string): string {
  return prefix + name
}

export function isOneTime(reference: string): boolean {
  return reference.startsWith(prefix)
}

export interface OneTimeDeps {
  readonly vault: Pick<Vault, 'unseal' | 'encrypt' | 'decrypt'>
  readonly records: Pick<SecretRecords, 'oneTime'>
}

export class OneTimeSecrets {
  readonly #deps: OneTimeDeps

  constructor(deps: OneTimeDeps) {
    this.#deps = deps
  }

  /** What a client has sealed for this name, as the journal keeps it for the task; refuses what cannot be opened or masked. */
  keep(task: string, name: string, sealed: string): SealedValue {
    const { vault } = this.#deps
    const value = takeIn({ sealed }, name, vault)
    try {
      return { name, ...vault.encrypt(value, aboutOneTime(task, name)) }
    } finally {
      value.fill(0)
    }
  }

  /** The value in a buffer to be wiped. Throws SecretUnavailable. */
  async get(task: string, name: string): Promise<Buffer> {
    // It may have gone over to another key after it was read, and that one been forgotten.
    const value = (await this.#open(task, name)) ?? (await this.#open(task, name))
    if (value) return value
    throw new SecretUnavailable(
      `the secret ${name} that came with this task cannot be opened any more: submit it anew`,
      {
        isPassing: false,
      },
    )
  }

  async #open(task: string, name: string): Promise<Buffer | undefined> {
    const { vault, records } = this.#deps
    const stored = await records.oneTime(task, name)
    return stored && vault.decrypt(stored, aboutOneTime(task, name))
  }
}
