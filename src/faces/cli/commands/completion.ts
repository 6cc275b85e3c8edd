import { Argument, Command } from 'commander'
import type { Making } from '../command.ts'
import { completionFor, shells } from '../completion.ts'
import { EXIT, UsageError } from '../exit.ts'

export function completionCommand({ io, setExitCode }: Making): Command {
  return new Command('completion')
    .description('Print what makes a shell complete commands and flags')
    .addArgument(new Argument('<shell>', 'the shell').choices(shells))
    .addHelpText('after', '\nExample:\n  $ source <(mayfly completion bash)')
    .action((shell: string, _options: object, command: Command) => {
      const { parent } = command
      const script = parent && completionFor(shell, parent)
      if (!script) throw new UsageError(`there is no completion for ${shell}: choose from ${shells.join(', ')}`)
      io.stdout.write(script)
      setExitCode(EXIT.OK)
    })
}
