import { closed, Reason } from '../../../contract/fragments.ts'
import { Type } from '../../../contract/schema.ts'
import { SeenTask, toSeen } from '../seen.ts'
import { defineTool } from '../tool.ts'
import { Id } from './look.ts'

export const taskCancel = defineTool({
  name: 'task_cancel',
  title: 'Cancel a task',
  description:
    'Ends a task for good, and the tasks that it started. One that runs is asked to end first: task_wait sees it cancelled.',
  input: closed({ id: Id, reason: Type.Optional(Reason) }),
  output: SeenTask,
  hints: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  async run({ id, reason }, { client }) {
    const seen = toSeen(await client.cancel(id, reason))
    const isOver = seen.state === 'cancelled'
    return { value: isOver ? seen : { ...seen, next: 'it is being cancelled: task_wait waits for its end' } }
  },
})
