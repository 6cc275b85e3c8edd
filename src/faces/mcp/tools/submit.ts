import type { Mayfly } from '../../../client/client.ts'
import { closed, IdempotencyKey } from '../../../contract/fragments.ts'
import { TaskRequest } from '../../../contract/request.ts'
import { type Static, Type } from '../../../contract/schema.ts'
import { SeenTask, toSeen } from '../seen.ts'
import { defineTool, type Hints } from '../tool.ts'

/** What a task does is its kind's; a command may do anything. */
export const acts: Hints = { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true }

const Submission = closed({ ...TaskRequest.properties, idempotencyKey: Type.Optional(IdempotencyKey) })

export const taskSubmit = defineTool({
  name: 'task_submit',
  title: 'Submit a task',
  description:
    'Asks for work and answers at once with the id of its task, which runs on by itself, through restarts too. ' +
    'task_kinds says what input a kind takes. With the same idempotencyKey the same request never makes a second task.',
  input: Submission,
  output: SeenTask,
  hints: acts,
  run: async (args, { client }) => ({ value: toSeen(await submit(args, client)) }),
  submit: (args, { client }) => submit(args, client),
})

/** Not with the call's signal: a submission that is given up may have been accepted, and then nobody knows its id. */
function submit({ idempotencyKey, ...request }: Static<typeof Submission>, client: Mayfly) {
  return client.submit(request, { idempotencyKey })
}
