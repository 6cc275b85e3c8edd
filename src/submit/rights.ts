import type { Credential } from '../access/credential.ts'
import type { TaskRequest } from '../contract/request.ts'
import type { Kind } from '../kinds/registry.ts'
import { Refusal } from '../task/errors.ts'
import { POOLS, type Pool } from '../task/task.ts'

/** Refuses a kind that is not the caller's to submit, and input that is not the caller's to give. */
export function refuseForeign(
  { kinds, mayReadPaths }: Credential,
  { name, checkWithoutHostPaths }: Kind,
  input: unknown,
) {
  if (kinds && !kinds.includes(name)) {
    throw new Refusal(
      'FORBIDDEN',
      `this token may submit ${kinds.join(', ')} only: ask for one that may submit ${name}`,
    )
  }
  if (!mayReadPaths && checkWithoutHostPaths?.(input) !== undefined) {
    throw new Refusal('FORBIDDEN', `this would read a directory of the machine: ask for a token that may (paths)`)
  }
}

/** The pool that a request gets: the kind's own, unless it says otherwise and the caller may. */
export function poolOf({ pool = undefined }: Pick<TaskRequest, 'pool'>, kind: Kind, caller: Credential): Pool {
  const asked = pool ?? kind.pool
  if (caller.role === 'admin') return asked
  if (caller.pools?.includes(asked)) return asked
  if (caller.pools) {
    throw new Refusal('FORBIDDEN', `this token may use ${caller.pools.join(', ')} only, not the pool ${asked}`)
  }
  if (POOLS.indexOf(asked) < POOLS.indexOf(kind.pool)) {
    throw new Refusal('FORBIDDEN', `${kind.name} runs in the pool ${kind.pool}: this token may not ask for ${asked}`)
  }
  return asked
}
