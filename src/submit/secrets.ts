import type { Kind } from '../kinds/registry.ts'
import { refusalOfReference } from '../secrets/reference.ts'
import { Refusal } from '../task/errors.ts'

/** By the name that the task knows it by: where it is. */
export type References = Readonly<Record<string, string>>

/** The references of a request; refuses those that can never be lent, and what the kind misses or does not take. */
export function secretsOf(references: References, { name: kind, secrets: declared }: Kind): References {
  for (const [name, reference] of Object.entries(references)) {
    const refusal = refusalOfReference(reference)
    if (refusal) throw new Refusal('BAD_REQUEST', `secrets.${name} ${refusal}`)
    if (declared && !Object.hasOwn(declared, name)) throw new Refusal('INVALID_INPUT', notTaken(kind, name, declared))
  }
  for (const [name, { required }] of Object.entries(declared ?? {})) {
    if (!required || Object.hasOwn(references, name)) continue
    const message = `${kind} needs the secret ${name}: give it in the request, as secrets: {"${name}": "vault:NAME"}`
    throw new Refusal('INVALID_INPUT', message)
  }
  return references
}

function notTaken(kind: string, name: string, declared: object): string {
  const known = Object.keys(declared).join(', ') || 'none'
  return `${kind} takes no secret ${name}, but ${known}: leave it out of secrets`
}
