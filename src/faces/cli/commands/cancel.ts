import type { Command } from 'commander'
import { action, define, type Making } from '../command.ts'

interface Options {
  readonly reason?: string
}

export function cancelCommand(making: Making): Command {
  return define('cancel', 'Cancel tasks', 'mayfly cancel 0192a3b4-… --reason "no longer needed"')
    .argument('<id...>', 'the ids of the tasks')
    .option('--reason <text>', 'shown to whoever asks why')
    .action(
      action<Options, [string[]]>(making, async ({ client, out }, { reason }, ids) => {
        for (const id of ids) {
          const task = await client.cancel(id, reason)
          out.line(task, () => `${id} ${task.state === 'cancelled' ? 'is cancelled' : 'is being cancelled'}`)
        }
        return undefined
      }),
    )
}
