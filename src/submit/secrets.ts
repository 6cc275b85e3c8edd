import { handedOnBy, handingOnRefusal } from '../kinds/handing-on.ts'
import type { Kind } from '../kinds/registry.ts'
import type { Providers } from '../secrets/providers.ts'
import { Refusal } from '../task/errors.ts'
import type { Json } from '../task/json.ts'

/** By the name that the task knows it by: where it is. */
export type References = Readonly<Record<string, string>>

/** Where secrets come from, and who may use which. */
export type KnownProviders = Pick<Providers, 'refusalOf' | 'forbids'>

/**
 * The references of a tenant's request; refuses those that can never be lent, or not to this tenant, and what the kind
 * misses or does not take.
 */
export function secretsOf(
  references: References,
  { name: kind, secrets: declared }: Kind,
  tenant: string,
  providers: KnownProviders,
): References {
  for (const [name, reference] of Object.entries(references)) {
    const refusal = providers.refusalOf(reference)
    if (refusal) throw new Refusal('BAD_REQUEST', `secrets.${name} ${refusal}`)
    const forbidden = providers.forbids(tenant, reference)
    if (forbidden) throw new Refusal('FORBIDDEN', forbidden)
    if (declared && !Object.hasOwn(declared, name)) throw new Refusal('INVALID_INPUT', notTaken(kind, name, declared))
  }
  for (const [name, { required }] of Object.entries(declared ?? {})) {
    if (!required || Object.hasOwn(references, name)) continue
    const message = `${kind} needs the secret ${name}: give it in the request, as secrets: {"${name}": "vault:NAME"}`
    throw new Refusal('INVALID_INPUT', message)
  }
  return references
}

/** Refuses input that hands secrets on to a command, where that is not allowed or where the request does not give them. */
export function refuseHandingOn(input: Json, references: References, kind: Kind, mayHandOn: () => boolean): void {
  const all = handedOnBy(kind, input)
  if (all.length === 0) return
  if (!mayHandOn()) throw new Refusal('FORBIDDEN', handingOnRefusal)
  const missing = all.find(({ secret }) => !Object.hasOwn(references, secret))
  if (!missing) return
  const message = `${missing.to} names the secret ${missing.secret}, which is not there: give it in the request, under secrets`
  throw new Refusal('INVALID_INPUT', message)
}

function notTaken(kind: string, name: string, declared: object): string {
  const known = Object.keys(declared).join(', ') || 'none'
  return `${kind} takes no secret ${name}, but ${known}: leave it out of secrets`
}
