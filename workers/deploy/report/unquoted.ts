import { maskJson } from '../../../src/mask/json.ts'
import { Needles } from '../../../src/mask/needles.ts'
import type { Json } from '../../../src/task/json.ts'
import type { Context } from '../../context.ts'
import type { DeployStatus } from '../result.ts'

/**
 * What an org says of a package may quote it, and with it the secrets that replacements have put in. Artifacts are kept as
 * they are, so it is masked before they are made of it.
 */
export function unquoted(status: DeployStatus, { input, secrets }: Context<object>): DeployStatus {
  const { secretEnv = {} } = input as { readonly secretEnv?: Readonly<Record<string, string>> }
  const needles = new Needles()
  for (const name of Object.values(secretEnv)) needles.add(Buffer.from(secrets.text(name)))
  return maskJson(status as unknown as Json, needles) as unknown as DeployStatus
}
