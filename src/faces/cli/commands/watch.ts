import type { Command } from 'commander'
import { action, define, type Making } from '../command.ts'
import { exitCodeOfTasks, Interrupted } from '../exit.ts'
import { follow, reattachLine } from '../follow.ts'
import { numberOf } from '../request.ts'

interface Options {
  readonly after?: string
}

export function watchCommand(making: Making): Command {
  return define('watch', 'Follow tasks to their ends', 'mayfly watch 0192a3b4-…')
    .argument('<id...>', 'the ids of the tasks')
    .option('--after <number>', 'leave out events up to this number')
    .action(
      action<Options, [string[]]>(making, async (session, { after }, ids) => {
        const afterSeq = after === undefined ? 0 : numberOf('--after', after)
        const tasks = await Promise.all([...new Set(ids)].map((id) => session.client.get(id)))
        try {
          return exitCodeOfTasks(await follow(session, tasks, afterSeq))
        } catch (error) {
          if (error instanceof Interrupted) session.out.note(reattachLine(tasks))
          throw error
        }
      }),
    )
}
