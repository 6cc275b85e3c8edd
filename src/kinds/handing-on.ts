import type { Json } from '../task/json.ts'
import type { Kind } from './registry.ts'

/** A secret that an input asks to be handed on to a command, and where to: `secretEnv.PASSWORD`. */
export interface HandedOn {
  /** As the request calls it. */
  readonly secret: string
  readonly to: string
}

/** What an input hands on, by what its kind says of its members: names of secrets with `format: 'secret-to-command'`. */
export function handedOnBy(kind: Pick<Kind, 'handingOn'> | undefined, input: Json): readonly HandedOn[] {
  if (!kind || kind.handingOn.length === 0) return []
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return []
  const members = new Map<string, Json>(Object.entries(input))
  return kind.handingOn.flatMap((name) => Object.entries(members.get(name) ?? {}).flatMap(handed(name)))
}

function handed(member: string) {
  return ([to, secret]: [string, unknown]): HandedOn[] =>
    typeof secret === 'string' ? [{ secret, to: `${member}.${to}` }] : []
}

/** Why nothing is handed on here, in one sentence. */
export const handingOnRefusal =
  'secrets are not handed on to commands here (secretEnv, secretFiles): several tenants share this server and below isolation level 2 their tasks could read them; the operator may allow it with the setting allowSecretsInCommands'
