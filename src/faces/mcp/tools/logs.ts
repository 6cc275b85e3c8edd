import { closed, count } from '../../../contract/fragments.ts'
import { Type } from '../../../contract/schema.ts'
import { ContractTask } from '../../../contract/task.ts'
import { headOf, tailOf } from '../log-text.ts'
import { defineTool } from '../tool.ts'
import { Id } from './look.ts'

const Log = closed({
  id: ContractTask.properties.id,
  state: ContractTask.properties.state,
  text: Type.String({ description: 'what it printed and logged, secrets masked' }),
  lastSeq: Type.Integer({ description: 'the event with which the text ends: ask for what is after it to go on' }),
  note: Type.String({ description: 'what was left out, and how to get it' }),
})

export const taskLogs = defineTool({
  name: 'task_logs',
  title: 'What a task said',
  description:
    'The end of what a task printed and logged so far, secrets masked. With after: what came after that event, as much as ' +
    'there is room for; after 0 begins at the beginning.',
  input: closed({ id: Id, after: Type.Optional(count(0, Number.MAX_SAFE_INTEGER)) }),
  output: Log,
  async run({ id, after }, call) {
    const task = await call.client.get(id, call)
    const part = after === undefined ? await tailOf(task, call) : await headOf(task, after, call)
    const value = { id: task.id, state: task.state, ...part }
    return { value, text: `${part.text}[${part.note}]` }
  },
})
