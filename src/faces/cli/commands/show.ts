import type { Command } from 'commander'
import type { ContractTask } from '../../../contract/task.ts'
import { action, define, type Making } from '../command.ts'
import { pairs } from '../output.ts'
import { attemptsText } from '../show/attempts.ts'

/** Of what may be large, such as an input or a result; --json shows all. */
const mostShown = 500

export function showCommand(making: Making): Command {
  return define('show', 'Show a task; --json shows all of it', 'mayfly show 0192a3b4-… --json')
    .argument('<id>', 'the id of the task')
    .action(
      action(making, async ({ client, out }, _options, id: string) => {
        const [task, attempts] = await Promise.all([client.get(id), client.attempts(id)])
        out.document({ ...task, attempts }, () =>
          [taskText(task), attemptsText(attempts)].filter((text) => text !== '').join('\n\n'),
        )
        return undefined
      }),
    )
}

function taskText({ labels, ...rest }: ContractTask): string {
  return pairs([...Object.entries(rest), ['labels', Object.keys(labels).length > 0 ? labels : null]], mostShown)
}
