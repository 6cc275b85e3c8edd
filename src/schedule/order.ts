import type { Waiting } from './waiting.ts'

/** Priority moves a task by a bounded time only, so that age wins in the end and nothing starves. */
const mostPrioritySeconds = 3600

/** The order inside a pool: in front what was requeued without fault of its own, then by time, then by age, then by id. */
export function inOrder(a: Waiting, b: Waiting): number {
  if (a.front !== b.front) return a.front ? -1 : 1
  return turnAt(a) - turnAt(b) || a.createdAt - b.createdAt || compareIds(a.id, b.id)
}

/** Of two that hold tasks, the one whose first task comes first. Only what is open, and so has one, is compared. */
export function byFirst(
  a: { readonly first: Waiting | undefined },
  b: { readonly first: Waiting | undefined },
): number {
  return inOrder(a.first as Waiting, b.first as Waiting)
}

/** When a task became due, moved by its priority. */
function turnAt(task: Waiting): number {
  const prioritySeconds = Math.max(-mostPrioritySeconds, Math.min(mostPrioritySeconds, task.priority))
  return (task.notBefore ?? task.createdAt) - prioritySeconds * 1000
}

function compareIds(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
