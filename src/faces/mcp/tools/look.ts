import { MayflyError } from '../../../client/errors.ts'
import { closed } from '../../../contract/fragments.ts'
import { Type } from '../../../contract/schema.ts'
import type { ContractTask } from '../../../contract/task.ts'
import { isTerminal } from '../../../task/states.ts'
import { SeenTask, toSeen, toSeenAtEnd } from '../seen.ts'
import { type Call, defineTool } from '../tool.ts'
import { untilEnded } from '../wait.ts'

export const Id = Type.String({ maxLength: 64, description: 'the id of a task' })

/** Below the minute after which clients give up a call. */
const longestWaitSeconds = 50
const usualWaitSeconds = 30

export const taskStatus = defineTool({
  name: 'task_status',
  title: 'How a task is',
  description: 'The state, progress and error of a task as they are now.',
  input: closed({ id: Id }),
  output: SeenTask,
  run: async ({ id }, { client, signal }) => ({ value: toSeen(await client.get(id, { signal })) }),
})

export const taskWait = defineTool({
  name: 'task_wait',
  title: 'Wait for a task',
  description:
    'Waits until a task has ended, for at most 50 seconds, with progress notifications meanwhile, and answers with how it ' +
    'is then. Where it has not ended, ask again: the task is not touched.',
  input: closed({
    id: Id,
    seconds: Type.Optional(
      Type.Number({ minimum: 0, maximum: longestWaitSeconds, description: `${usualWaitSeconds} when left out` }),
    ),
  }),
  output: SeenTask,
  run: async ({ id, seconds = usualWaitSeconds }, call) => ({ value: toSeen(await untilEnded(id, seconds, call)) }),
})

export const taskResult = defineTool({
  name: 'task_result',
  title: 'What a task resulted in',
  description: 'The result of a task that has ended, its error where it failed, and the files that it kept.',
  input: closed({ id: Id }),
  output: SeenTask,
  async run({ id }, call) {
    const task = await call.client.get(id, call)
    if (isTerminal(task.state)) return { value: await atEnd(task, call) }
    throw new MayflyError('CONFLICT', `the task is ${task.state} and has no result yet: call task_wait first`)
  },
})

/** What there is to know of a task that has ended. */
export async function atEnd(task: ContractTask, { client, signal }: Pick<Call, 'client' | 'signal'>) {
  return toSeenAtEnd(task, await client.artifacts.list(task.id, { signal }))
}
