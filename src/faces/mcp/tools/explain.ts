import { Explanation } from '../../../contract/explanation.ts'
import { closed } from '../../../contract/fragments.ts'
import { defineTool } from '../tool.ts'
import { Id } from './look.ts'

export const taskExplain = defineTool({
  name: 'task_explain',
  title: 'Why a task waits',
  description:
    'Every rule that holds a task back, its place in the queue, when it will probably start and end, and how long it has waited for what.',
  input: closed({ id: Id }),
  output: Explanation,
  run: async ({ id }, { client, signal }) => ({ value: await client.explain(id, { signal }) }),
})
