import { handedOnBy, handingOnRefusal } from '../kinds/handing-on.ts'
import type { Kind } from '../kinds/registry.ts'
import { fill } from '../kinds/templates.ts'
import { oneTimeReference } from '../secrets/one-time.ts'
import type { Providers } from '../secrets/providers.ts'
import { Refusal } from '../task/errors.ts'
import type { Json } from '../task/json.ts'

/** By the name that the task knows it by: where it is. */
export type References = Readonly<Record<string, string>>

/** As a request has them: where each is, or the value itself for this task alone. */
export type AskedSecrets = Readonly<Record<string, string | { readonly sealed: string }>>

/** What most requests ask for; the journal writes it out once for all of them. */
export const noSecrets: Readonly<Record<string, never>> = Object.freeze({})

/** Where secrets come from, and who may use which. */
export type KnownProviders = Pick<Providers, 'refusalOf' | 'forbids'>

/**
 * What a request asks for, and what its kind has for it where it does not. One that the tenant may not use, and the task
 * can do without, is as if it were not there.
 */
export function withDefaults(
  asked: AskedSecrets,
  { secrets: declared }: Kind,
  input: Json,
  tenant: string,
  providers: Pick<KnownProviders, 'forbids'>,
): AskedSecrets {
  if (!declared) return asked
  const defaults = Object.entries(declared).flatMap(([name, { required, reference }]) => {
    const filled = reference && fill(reference, input)
    return filled && (required || providers.forbids(tenant, filled) === undefined) ? [[name, filled] as const] : []
  })
  return { ...Object.fromEntries(defaults), ...asked }
}

/**
 * The references of a tenant's request; refuses those that can never be lent, or not to this tenant, and what the kind
 * misses or does not take.
 */
export function secretsOf(
  asked: AskedSecrets,
  { name: kind, secrets: declared }: Kind,
  tenant: string,
  providers: KnownProviders,
): References {
  if (asked === noSecrets && !declared) return noSecrets
  for (const [name, secret] of Object.entries(asked)) {
    const refusal = isSealed(secret) ? undefined : providers.refusalOf(secret)
    if (refusal) throw new Refusal('BAD_REQUEST', `secrets.${name} ${refusal}`)
    const forbidden = isSealed(secret) ? undefined : providers.forbids(tenant, secret)
    if (forbidden) throw new Refusal('FORBIDDEN', forbidden)
    if (declared && !Object.hasOwn(declared, name)) throw new Refusal('INVALID_INPUT', notTaken(kind, name, declared))
  }
  for (const [name, { required }] of Object.entries(declared ?? {})) {
    if (!required || Object.hasOwn(asked, name)) continue
    const message = `${kind} needs the secret ${name}: give it in the request, as secrets: {"${name}": "vault:NAME"}`
    throw new Refusal('INVALID_INPUT', message)
  }
  return Object.fromEntries(
    Object.entries(asked).map(([name, secret]) => [name, isSealed(secret) ? oneTimeReference(name) : secret]),
  )
}

/** Those that come with the request, by name, as they were sealed. */
export function sealedOf(asked: AskedSecrets): readonly (readonly [name: string, sealed: string])[] {
  if (asked === noSecrets) return []
  return Object.entries(asked).flatMap(([name, secret]) => (isSealed(secret) ? [[name, secret.sealed] as const] : []))
}

/** Refuses them where nobody could have sealed them for this very task. */
export function refuseSealed(asked: AskedSecrets, who: string): void {
  const [sealed] = sealedOf(asked)
  if (!sealed) return
  throw new Refusal(
    'BAD_REQUEST',
    `secrets.${sealed[0]} comes sealed, and ${who}: store it, and refer to it as vault:NAME`,
  )
}

function isSealed(secret: AskedSecrets[string]): secret is { readonly sealed: string } {
  return typeof secret !== 'string'
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
