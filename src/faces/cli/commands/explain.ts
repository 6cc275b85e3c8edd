import type { Command } from 'commander'
import { action, define, type Making } from '../command.ts'
import { explained } from '../show/explained.ts'

export function explainCommand(making: Making): Command {
  return define('explain', 'Say what a task waits for, and for how long still', 'mayfly explain 0192a3b4-…')
    .argument('<id>', 'the id of the task')
    .action(
      action(making, async ({ client, out }, _options, id: string) => {
        const explanation = await client.explain(id)
        out.document(explanation, () => explained(explanation))
        return undefined
      }),
    )
}
