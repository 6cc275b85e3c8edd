import { closed, count, nullable } from '../../../contract/fragments.ts'
import { TaskFilter, TaskListQuery } from '../../../contract/query.ts'
import { Type } from '../../../contract/schema.ts'
import type { ContractTask } from '../../../contract/task.ts'
import { SeenTask, toSeen } from '../seen.ts'
import { defineTool } from '../tool.ts'

export const SeenTasks = closed({
  tasks: Type.Array(SeenTask, { description: 'newest first' }),
  nextCursor: nullable(Type.String(), 'cursor of the next page; null on the last'),
})

export const listLimit = count(1, 50)
export const usualLimit = 20

export const taskList = defineTool({
  name: 'task_list',
  title: 'List tasks',
  description: 'Tasks, newest first, by state, kind, pool or label.',
  input: closed({
    ...TaskFilter.properties,
    limit: Type.Optional(listLimit),
    cursor: TaskListQuery.properties.cursor,
  }),
  output: SeenTasks,
  async run({ limit = usualLimit, ...query }, { client, signal }) {
    const { items, nextCursor } = await client.page({ ...query, limit }, { signal })
    return { value: { tasks: items.map(toListed), nextCursor } }
  },
})

/** Without the end of its output, which task_status and task_logs have. */
export function toListed(task: ContractTask): SeenTask {
  const { error } = task
  if (!error) return toSeen(task)
  const { lastOutput: _, ...rest } = error
  return toSeen({ ...task, error: rest })
}
