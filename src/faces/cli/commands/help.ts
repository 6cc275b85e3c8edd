import { Command } from 'commander'
import { UsageError } from '../exit.ts'

/** The program's help, or that of a command, also of one below another. */
export function helpCommand(): Command {
  return new Command('help')
    .description('Say more about a command')
    .argument('[command...]', 'such as run, or secrets set')
    .action((words: readonly string[], _options: object, command: Command) => {
      let about = command.parent as Command
      for (const word of words) {
        const below = about.commands.find((each) => each.name() === word)
        if (!below) throw new UsageError(`there is no command ${words.join(' ')}`)
        about = below
      }
      about.outputHelp()
    })
}
