import type { Command } from 'commander'
import { action, define, type Making } from '../command.ts'

interface Options {
  readonly debug?: boolean
}

export function retryCommand(making: Making): Command {
  return define('retry', 'Run an ended task again, as a new task, and print its id', 'mayfly retry 0192a3b4-… --debug')
    .argument('<id>', 'the id of the task')
    .option('--debug', 'with diagnostics')
    .action(
      action<Options, [string]>(making, async ({ client, out }, { debug }, id) => {
        const task = await client.retry(id, debug === undefined ? {} : { debug })
        out.document(task, () => task.id)
        return undefined
      }),
    )
}
