import type { Command } from 'commander'
import type { TaskListQuery } from '../../../contract/query.ts'
import type { ContractTask } from '../../../contract/task.ts'
import { STATES } from '../../../task/states.ts'
import { POOLS } from '../../../task/task.ts'
import { action, define, type Making, oneOf } from '../command.ts'
import { table } from '../output.ts'
import { numberOf } from '../request.ts'

interface Options {
  readonly state?: string
  readonly kind?: string
  readonly pool?: string
  readonly label?: string
  readonly limit: string
}

const mostOnPage = 100

export function listCommand(making: Making): Command {
  return define('list', 'List tasks, newest first', 'mayfly list --state running')
    .addOption(oneOf('--state <state>', 'only those in this state', STATES))
    .option('--kind <kind>', 'only those of this kind')
    .addOption(oneOf('--pool <pool>', 'only those in this pool', POOLS))
    .option('--label <name:value>', 'only those with this label')
    .option('--limit <number>', 'at most so many', '20')
    .action(
      action<Options>(making, async ({ client, out }, { state, kind, pool, label, limit }) => {
        const most = numberOf('--limit', limit)
        const filter = { state, kind, pool, label, limit: Math.min(most, mostOnPage) } as TaskListQuery
        const tasks: ContractTask[] = []
        for await (const task of client.list(filter)) {
          if (tasks.push(task) >= most) break
        }
        out.document(tasks, () =>
          table(['ID', 'KIND', 'POOL', 'STATE', 'ATTEMPT', 'CREATED', 'ABOUT'], tasks.map(toRow)),
        )
        return undefined
      }),
    )
}

function toRow({ id, kind, pool, state, attempt, createdAt, error, progress }: ContractTask) {
  const about = error ? error.code : state === 'running' ? (progress?.phase ?? '') : ''
  return [id, kind, pool, state, attempt, createdAt, about]
}
