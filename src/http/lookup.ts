import { taskIdPattern } from '../contract/fragments.ts'
import type { Journal } from '../journal/journal.ts'
import { Refusal } from '../task/errors.ts'
import type { Task } from '../task/task.ts'

/** The tenant's task of this id. A foreign task and an impossible id are as unknown as one that never was. */
export async function findTask(journal: Pick<Journal, 'task'>, tenant: string, id: string): Promise<Task> {
  const task = await journal.task(tenant, checkedId(id))
  if (!task) throw unknownTask()
  return task
}

export function checkedId(id: string): string {
  if (!taskIdPattern.test(id)) throw unknownTask()
  return id
}

/** A reader cannot have seen what has not happened: the store was replaced, or the cursor is another task's. */
export function checkedCursor(after: number, { lastSeq }: Task): number {
  if (after <= lastSeq) return after
  throw new Refusal('BAD_REQUEST', `after is ${after}, but the last event is ${lastSeq}: start again from 0`)
}

function unknownTask(): Refusal {
  return new Refusal('NOT_FOUND', 'there is no task with this id: check the id and the tenant of the token')
}
