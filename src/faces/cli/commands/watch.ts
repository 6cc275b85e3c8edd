import type { Command } from 'commander'
import type { TaskFilter } from '../../../contract/query.ts'
import { POOLS } from '../../../task/task.ts'
import { action, define, type Making, oneOf } from '../command.ts'
import { exitCodeOfTasks, Interrupted, UsageError } from '../exit.ts'
import { follow, reattachLine } from '../follow.ts'
import { followAll } from '../follow-all.ts'
import { numberOf } from '../request.ts'
import type { Session } from '../session.ts'

interface Options {
  readonly after?: string
  readonly kind?: string
  readonly pool?: string
  readonly label?: string
}

export function watchCommand(making: Making): Command {
  return define(
    'watch',
    'Follow tasks to their ends, or without an id all there are and will be',
    'mayfly watch 0192a3b4-…',
  )
    .argument('[id...]', 'the ids of the tasks')
    .option('--after <number>', 'leave out events up to this number')
    .option('--kind <kind>', 'without an id: only tasks of this kind')
    .addOption(oneOf('--pool <pool>', 'without an id: only those in this pool', POOLS))
    .option('--label <name:value>', 'without an id: only those with this label')
    .action(
      action<Options, [string[]]>(making, async (session, options, ids) => {
        refuseMixture(ids, options)
        if (ids.length === 0) return followAll(session, filterOf(options))
        return followThese(session, ids, options)
      }),
    )
}

function refuseMixture(ids: readonly string[], { after, kind, pool, label }: Options): void {
  if (ids.length === 0 && after !== undefined) throw new UsageError('--after is for tasks that are named by their ids')
  if (ids.length > 0 && (kind ?? pool ?? label) !== undefined) {
    throw new UsageError('--kind, --pool and --label are for watching without ids')
  }
}

/** What does not make sense, the server says. */
function filterOf({ kind, pool, label }: Options): TaskFilter {
  return {
    ...(kind !== undefined && { kind }),
    ...(pool !== undefined && { pool: pool as NonNullable<TaskFilter['pool']> }),
    ...(label !== undefined && { label }),
  }
}

async function followThese(session: Session, ids: readonly string[], { after }: Options): Promise<number> {
  const afterSeq = after === undefined ? 0 : numberOf('--after', after)
  const tasks = await Promise.all([...new Set(ids)].map((id) => session.client.get(id)))
  try {
    return exitCodeOfTasks(await follow(session, tasks, { afterSeq }))
  } catch (error) {
    if (error instanceof Interrupted) session.out.note(reattachLine(session, tasks))
    throw error
  }
}
