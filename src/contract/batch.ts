import { closed, IdempotencyKey } from './fragments.ts'
import { Problem } from './problem.ts'
import { TaskRequest } from './request.ts'
import { type Static, Type } from './schema.ts'
import { ContractTask } from './task.ts'

export const mostBatchTasks = 1000

/** A task request that brings its own idempotency key. */
export const BatchItem = closed({ ...TaskRequest.properties, idempotencyKey: Type.Optional(IdempotencyKey) })

export type BatchItem = Static<typeof BatchItem>

/**
 * What is wrong with one of the tasks is said in its place, and does not concern the others. Unknown comes first: a check
 * of the whole ends there, and leaves the items to be checked one by one.
 */
export const BatchRequest = closed(
  { tasks: Type.Array(Type.Union([Type.Unknown(), BatchItem]), { minItems: 1, maxItems: mostBatchTasks }) },
  'Tasks to submit with one commit',
)

export const BatchAnswer = closed(
  {
    items: Type.Array(
      Type.Union([
        closed({ status: Type.Integer(), task: ContractTask }),
        closed({ status: Type.Integer(), problem: Problem }),
      ]),
    ),
  },
  'What became of each task, in the order in which they were sent',
)

export type BatchAnswer = Static<typeof BatchAnswer>
