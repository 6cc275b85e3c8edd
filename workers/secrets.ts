import { zeroable, zeroableCopy } from '../src/system/zeroable.ts'
import { FatalError } from './errors/steering.ts'
import { needles } from './needles.ts'

/** The secrets lent to this attempt, as its task may use them. */
export interface Secrets {
  readonly names: readonly string[]
  /** Calls with the value's bytes, which are wiped when the task ends: not to be kept. Returns what the call returns. */
  use<T>(name: string, call: (value: Uint8Array) => T): T
  /** The value as text, if it is UTF-8. A string cannot be wiped: it stays in memory until this process ends. */
  text(name: string): string
  /**
   * Has a value masked that the task came to know, like those it was lent: what this process says from now on, and what
   * its children print as soon as this resolves. Rejects when it is too short to be masked, and says why.
   */
  mask(value: string | Uint8Array): Promise<void>
  /**
   * Stores a value under a name of the kind's `stores`, and has it masked like those that `mask` is given. Resolves once
   * it is durable: whoever is lent it from then on gets this one. Rejects with the sentence that says why it is not.
   */
  store(name: string, value: string | Uint8Array): Promise<void>
}

/** What of secrets the orchestrator is told. */
export interface SecretTelling {
  /** Resolves when it masks a value, too. */
  mask(value: Uint8Array): Promise<void>
  /** Resolves when it has stored a value, and masks it. */
  store(name: string, value: Uint8Array): Promise<void>
}

const secretName = /^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/

export class LentSecrets implements Secrets {
  readonly #values: ReadonlyMap<string, Uint8Array>

  readonly #known: Uint8Array[] = []
  readonly #telling: SecretTelling

  constructor(values: ReadonlyMap<string, Uint8Array>, telling: SecretTelling) {
    this.#values = values
    this.#telling = telling
    for (const value of values.values()) needles.add(value)
  }

  get names(): readonly string[] {
    return [...this.#values.keys()]
  }

  use<T>(name: string, call: (value: Uint8Array) => T): T {
    const value = this.#values.get(name)
    if (value) return call(value)
    const known = this.names.join(', ') || 'none'
    throw new FatalError(`this task has no secret ${name}, but ${known}: give it one in the request, under secrets`)
  }

  text(name: string): string {
    return this.use(name, (value) => {
      try {
        return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(value)
      } catch {
        throw new FatalError(`the secret ${name} is not text: take its bytes, with secrets.use`)
      }
    })
  }

  mask(value: string | Uint8Array): Promise<void> {
    return this.#masked(value, (own) => this.#telling.mask(own))
  }

  async store(name: string, value: string | Uint8Array): Promise<void> {
    if (!secretName.test(name)) throw new FatalError(`${name.slice(0, 64)} is no name of a secret`)
    await this.#masked(value, (own) => this.#telling.store(name, own))
  }

  async #masked(value: string | Uint8Array, tell: (own: Uint8Array) => Promise<void>): Promise<void> {
    const own = ownBytes(value)
    const isNew = !needles.has(own)
    try {
      const reason = isNew ? needles.refusalOf(own) : undefined
      if (reason !== undefined) throw new FatalError(reason)
      if (isNew) this.#learn(own)
      await tell(own)
    } finally {
      if (!this.#known.includes(own)) own.fill(0)
    }
  }

  #learn(value: Uint8Array): void {
    this.#known.push(value)
    needles.learn(value)
  }

  wipe(): void {
    needles.wipe()
    for (const value of [...this.#values.values(), ...this.#known]) value.fill(0)
  }
}

function ownBytes(value: string | Uint8Array): Uint8Array {
  if (typeof value !== 'string') return zeroableCopy(value)
  const own = zeroable(Buffer.byteLength(value))
  own.write(value)
  return own
}
