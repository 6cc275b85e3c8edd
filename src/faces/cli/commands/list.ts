import type { Command } from 'commander'
import { all } from '../../../client/pages.ts'
import type { TaskListQuery } from '../../../contract/query.ts'
import type { ContractTask } from '../../../contract/task.ts'
import { STATES } from '../../../task/states.ts'
import { POOLS } from '../../../task/task.ts'
import { action, define, type Making, oneOf } from '../command.ts'
import { type Exported, exportTrace } from '../export.ts'
import { table } from '../output.ts'
import { numberOf } from '../request.ts'

interface Options {
  readonly state?: string
  readonly kind?: string
  readonly pool?: string
  readonly label?: string
  readonly limit?: string
  readonly export?: string
}

const mostOnPage = 100
const usually = 20

export function listCommand(making: Making): Command {
  return define('list', 'List tasks, newest first', 'mayfly list --state running')
    .addOption(oneOf('--state <state>', 'only those in this state', STATES))
    .option('--kind <kind>', 'only those of this kind')
    .addOption(oneOf('--pool <pool>', 'only those in this pool', POOLS))
    .option('--label <name:value>', 'only those with this label')
    .option('--limit <number>', `at most so many: ${usually}, but all in an export`)
    .option('--export <file>', 'write those that have run to a file, for `mayfly simulate`')
    .action(
      action<Options>(making, async ({ client, out }, { state, kind, pool, label, limit, export: path }) => {
        const most = limit === undefined ? (path === undefined ? usually : Infinity) : numberOf('--limit', limit)
        const filter = { state, kind, pool, label, limit: Math.min(most, mostOnPage) } as TaskListQuery
        const found = firstOf(client.list(filter), most)
        if (path !== undefined) {
          const exported = await exportTrace(path, found)
          out.document(exported, () => sentenceOf(exported, path))
          return undefined
        }
        const tasks = await all(found)
        out.document(tasks, () =>
          table(['ID', 'KIND', 'POOL', 'STATE', 'ATTEMPT', 'CREATED', 'ABOUT'], tasks.map(toRow)),
        )
        return undefined
      }),
    )
}

async function* firstOf(tasks: AsyncIterable<ContractTask>, most: number): AsyncGenerator<ContractTask, void> {
  let left = most
  for await (const task of tasks) {
    yield task
    left -= 1
    if (left <= 0) return
  }
}

function sentenceOf({ tasks, leftOut }: Exported, path: string): string {
  const others = leftOut > 0 ? `; ${leftOut} have not run, or not to their end, and are left out` : ''
  return `${path} holds ${tasks} tasks${others}`
}

function toRow({ id, kind, pool, state, attempt, createdAt, error, progress }: ContractTask) {
  const about = error ? error.code : state === 'running' ? (progress?.phase ?? '') : ''
  return [id, kind, pool, state, attempt, createdAt, about]
}
