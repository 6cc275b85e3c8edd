import type { Command } from 'commander'
import { all } from '../../../client/pages.ts'
import type { PauseRequest } from '../../../contract/pause.ts'
import { POOLS } from '../../../task/task.ts'
import { action, define, group, type Making, oneOf } from '../command.ts'
import { table } from '../output.ts'

export function pausesCommand(making: Making): Command {
  const summary = 'Stop starting what matches, and go on'
  return group('pauses', summary, [createCommand(making), listCommand(making), deleteCommand(making)])
}

interface CreateOptions {
  readonly kind?: string
  readonly pool?: string
  readonly key?: string
  readonly reason?: string
}

function createCommand(making: Making): Command {
  const example = 'mayfly pauses create --pool batch --reason "backup window"'
  return define('create', 'Do not start tasks that match all that is said, --tenant included', example)
    .option('--kind <kind>', 'tasks of this kind')
    .addOption(oneOf('--pool <pool>', 'tasks in this pool', POOLS))
    .option('--key <key>', 'a concurrency key')
    .option('--reason <text>', 'shown to whoever asks why')
    .action(
      action<CreateOptions>(making, async ({ client, out, settings }, { kind, pool, key, reason }) => {
        const { tenant } = settings
        const pause = await client.pauses.create({
          ...(kind !== undefined && { kind }),
          ...(pool !== undefined && { pool: pool as NonNullable<PauseRequest['pool']> }),
          ...(tenant !== undefined && { tenant: tenant.value }),
          ...(key !== undefined && { key }),
          ...(reason !== undefined && { reason }),
        })
        out.document(pause, () => pause.id)
        return undefined
      }),
    )
}

function listCommand(making: Making): Command {
  return define('list', 'List what is paused', 'mayfly pauses list').action(
    action(making, async ({ client, out }) => {
      const pauses = await all(client.pauses.list())
      out.document(pauses, () =>
        table(
          ['ID', 'KIND', 'POOL', 'TENANT', 'KEY', 'REASON', 'SINCE'],
          pauses.map(({ id, kind, pool, tenant, key, reason, createdAt }) => [
            id,
            kind,
            pool,
            tenant,
            key,
            reason,
            createdAt,
          ]),
        ),
      )
      return undefined
    }),
  )
}

function deleteCommand(making: Making): Command {
  return define('delete', 'Go on with what was paused', 'mayfly pauses delete 0192a3b4-…')
    .argument('<id>', 'the id of the pause')
    .action(
      action(making, async ({ client, out }, _options, id: string) => {
        await client.pauses.delete(id)
        out.document({ id, deleted: true }, () => `${id} is over`)
        return undefined
      }),
    )
}
