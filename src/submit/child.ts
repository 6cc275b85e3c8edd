import type { Credential } from '../access/credential.ts'
import type { TaskRequest } from '../contract/request.ts'
import type { Child } from '../journal/families.ts'
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
  if (parent.cleaning) throw new Refusal('CONFLICT', 'a cleanup submits no tasks: do its work in the cleanup itself')
  if (parent.depth === deepest)
    throw new Refusal('CONFLICT', `this task is ${deepest} generations deep: its children may have no children`)
  refuseSealed(request.secrets ?? {}, 'a task seals nothing for its children')
  const caller: Credential = { tenant: parent.tenant, role: 'tenant', tokenId: parent.id }
  const task = toTask({ id, caller, request, now }, grounds)
  const pool = poolOf(task, request.pool, parent)
  return { ...task, pool, parent: parent.id, childKey: key, depth: parent.depth + 1, debug: parent.debug }
}

/** No child is served before its parent would be: otherwise a token for one pool would reach them all. */
function poolOf(child: Task, asked: Pool | undefined, parent: Task): Pool {
  if (POOLS.indexOf(child.pool) >= POOLS.indexOf(parent.pool)) return child.pool
  if (asked === undefined) return parent.pool
  throw new Refusal('FORBIDDEN', `its parent runs in the pool ${parent.pool}: a child may not ask for ${asked}`)
}
