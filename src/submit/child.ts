import type { Credential } from '../access/credential.ts'
import type { TaskRequest } from '../contract/request.ts'
import type { Child } from '../journal/families.ts'
import type { Kind } from '../kinds/registry.ts'
import { Refusal } from '../task/errors.ts'
import { POOLS, type Pool, type Task } from '../task/task.ts'
import { refuseSealed } from './secrets.ts'
import { type Grounds, toTask } from './submit.ts'

/** Generations below a task that a client submitted. */
const deepest = 5
const longestKeyCharacters = 200

export interface ChildSubmission {
  readonly id: string
  readonly parent: Task
  readonly key: string
  readonly request: TaskRequest
  readonly now: number
}

/** The queued child that a running task asks for; throws the Refusal that says why there is none. */
export function toChild({ id, parent, key, request, now }: ChildSubmission, grounds: Grounds): Child {
  if (key === '' || key.length > longestKeyCharacters)
    throw new Refusal('BAD_REQUEST', `the key of a child must have 1 to ${longestKeyCharacters} characters`)
  const kind = grounds.registry.get(request.kind)
  if (parent.cleaning && !kind?.servesParents) throw new Refusal('CONFLICT', noneInCleanup)
  if (parent.depth === deepest)
    throw new Refusal('CONFLICT', `this task is ${deepest} generations deep: its children may have no children`)
  refuseSealed(request.secrets ?? {}, 'a task seals nothing for its children')
  const caller: Credential = { tenant: parent.tenant, role: 'tenant', tokenId: parent.id }
  const task = toTask({ id, caller, request, now }, grounds)
  const pool = poolOf(task, request.pool, highestFor(parent, kind))
  return { ...task, pool, parent: parent.id, childKey: key, depth: parent.depth + 1, debug: parent.debug }
}

const noneInCleanup =
  'a cleanup submits no tasks but those of kinds that serve parents: do its work in the cleanup itself'

/**
 * No child is served before its parent would be: otherwise a token for one pool would reach them all. But one that serves
 * its parent must not wait for what its parent holds up, nor for hours at which its parent's pool may start tasks.
 */
function highestFor({ pool }: Task, kind: Kind | undefined): Pool {
  return kind?.servesParents && POOLS.indexOf(kind.pool) < POOLS.indexOf(pool) ? kind.pool : pool
}

function poolOf(child: Task, asked: Pool | undefined, highest: Pool): Pool {
  if (POOLS.indexOf(child.pool) >= POOLS.indexOf(highest)) return child.pool
  if (asked === undefined) return highest
  throw new Refusal('FORBIDDEN', `its parent runs in the pool ${highest}: a child may not ask for ${asked}`)
}
