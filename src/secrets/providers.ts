import { refusalOfSecret } from '../mask/refusal.ts'
import { type Allowed, mayUse } from './allowed.ts'
import { type Ask, maxSecretBytes, type SecretProvider } from './provider.ts'
import { referenceOf, wholeReference } from './reference.ts'
import { neverHere, SecretUnavailable } from './unusable.ts'

/** Every place that secrets come from, and who may use which of them. */
export class Providers {
  readonly #known: ReadonlyMap<string, SecretProvider>
  readonly #allowed: Allowed

  constructor(known: Readonly<Record<string, SecretProvider>>, allowed: Allowed) {
    this.#known = new Map(Object.entries(known))
    this.#allowed = allowed
  }

  /** Why a reference can never be looked up here: how a sentence about it goes on. Whether there is such a secret is seen at each start. */
  refusalOf(reference: string): string | undefined {
    const { provider, name } = referenceOf(reference)
    const known = this.#known.get(provider)
    if (known) return known.refusalOf(name)
    return `must be one of ${[...this.#known.keys()].map((one) => `${one}:…`).join(', ')}, or just the name of a stored secret`
  }

  /** Why this tenant may not use it, as things are now: a whole sentence. */
  forbids(tenant: string, reference: string): string | undefined {
    const whole = wholeReference(referenceOf(reference))
    if (mayUse(this.#allowed, tenant, whole)) return undefined
    return `the tenant ${tenant} may not use ${whole}: the operator lists what it may in the setting secrets.allow`
  }

  /** The value in a buffer to be wiped. Throws SecretUnavailable. */
  async get(reference: string, ask: Ask): Promise<Buffer> {
    const value = await this.find(reference, ask)
    if (value) return value
    const forbidden = this.forbids(ask.tenant, reference)
    if (forbidden !== undefined) throw neverHere(forbidden)
    throw new SecretUnavailable(`there is no secret ${reference}: store it, and the task finds it`)
  }

  /** The same, and undefined where there is none, or none that the tenant may use. */
  async find(reference: string, ask: Ask): Promise<Buffer | undefined> {
    const { provider, name } = referenceOf(reference)
    const refusal = this.refusalOf(reference)
    if (refusal !== undefined) throw neverHere(`the secret ${reference} ${refusal}`)
    if (this.forbids(ask.tenant, reference) !== undefined) return undefined
    const value = await this.#known.get(provider)?.get(name, ask)
    if (!value) return undefined
    return provider === 'vault' ? value : checked(value, reference)
  }
}

/** What the vault has was looked at when it came. What was stored elsewhere never was: one that could not be masked is not lent. */
function checked(value: Buffer, reference: string): Buffer {
  const complaint =
    value.length > maxSecretBytes ? `it has more than ${maxSecretBytes} bytes: store less` : refusalOfSecret(value)
  if (complaint === undefined) return value
  value.fill(0)
  throw neverHere(`the secret ${reference} is not lent: ${complaint}`)
}
