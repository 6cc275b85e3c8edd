/** A step that is done again finds the task that it made before. */
import type { Mayfly } from '../../../client/client.ts'
import type { TaskRequest } from '../../../contract/request.ts'
import type { ContractTask } from '../../../contract/task.ts'
import { isTerminal } from '../../../task/states.ts'
import { keyAfter } from './pipeline.ts'

/** It tells the tasks of one step from all others. */
const label = 'ci-run'

/** The newest task of the step, whatever became of it. */
export async function earlierOf(client: Mayfly, key: string): Promise<ContractTask | undefined> {
  const { items } = await client.page({ label: `${label}:${key}`, limit: 1 })
  return items[0]
}

const latestEvents = 1_000

/** It goes on or has done its work: doing it again would be doing it twice. One that is being cancelled does neither. */
export async function isStillGood(client: Mayfly, { id, state, lastSeq }: ContractTask): Promise<boolean> {
  if (isTerminal(state)) return state === 'succeeded'
  const { items } = await client.events(id, { after: Math.max(0, lastSeq - latestEvents), limit: latestEvents })
  return !items.some(({ type }) => type === 'task.cancelling')
}

/** The request as it is found again, and the key with which two steps at once make one task of it after that earlier one. */
export function named(request: TaskRequest, key: string, earlier: ContractTask | undefined) {
  return {
    request: { ...request, labels: { ...request.labels, [label]: key } },
    idempotencyKey: keyAfter(key, earlier?.id),
  }
}
