import type { Waiting } from './waiting.ts'

/** Priority moves a task by a bounded time only, so that age wins in the end and nothing starves. */
const mostPrioritySeconds = 3600

/** What of a task the order asks for. */
export type Ordered = Pick<Waiting, 'front' | 'priority' | 'notBefore' | 'createdAt' | 'id'>

/** The order inside a lane: in front what was requeued without fault of its own, then by time, then by age, then by id. */
export function inOrder(a: Ordered, b: Ordered): number {
  if (a.front !== b.front) return a.front ? -1 : 1
  return turnAt(a) - turnAt(b) || a.createdAt - b.createdAt || compareIds(a.id, b.id)
}

type Holder = { readonly first: Waiting | undefined }

/** Of two that hold tasks, the one whose first task comes first. Only what is open, and so has one, is compared. */
export function byFirst(a: Holder, b: Holder): number {
  return inOrder(a.first as Waiting, b.first as Waiting)
}

/** Of two queues, that of the tenant which was given less comes first; of one tenant the one with the first task. */
export function byTurn(a: Holder & { readonly tag: number }, b: Holder & { readonly tag: number }): number {
  return a.tag - b.tag || byFirst(a, b)
}

/** When a task became due, moved by its priority. */
export function turnAt(task: Pick<Waiting, 'priority' | 'notBefore' | 'createdAt'>): number {
  const prioritySeconds = Math.max(-mostPrioritySeconds, Math.min(mostPrioritySeconds, task.priority))
  return (task.notBefore ?? task.createdAt) - prioritySeconds * 1000
}

/** A task's place in the order of its lane, as the journal finds it again. */
export function markOf(task: Waiting) {
  const { front, createdAt, id } = task
  return { front, turnAt: turnAt(task), createdAt, id }
}

function compareIds(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
