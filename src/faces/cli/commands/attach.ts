import type { Command } from 'commander'
import { action, define, type Making } from '../command.ts'
import { type PursueOptions, pursue, refuseOddPursuit, withPursueFlags } from '../pursue.ts'

export function attachCommand(making: Making): Command {
  const summary = 'Follow a task as `run` does that was started with `run --detach` or `submit`'
  return withPursueFlags(define('attach', summary, 'mayfly attach 0192a3b4-… --junit report.xml'))
    .argument('<id>', 'the id of the task')
    .action(
      action<PursueOptions, [string]>(making, async (session, options, id) => {
        refuseOddPursuit(options)
        return pursue(session, await session.client.get(id), options)
      }),
    )
}
