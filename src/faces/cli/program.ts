import { type Argument, Command, Help, type Option } from 'commander'
import { makersFor } from './catalog.ts'
import { type Making, withCommonFlags } from './command.ts'
import { helpCommand } from './commands/help.ts'
import { version } from './version.ts'

/** What these arguments need of the commands. Whatever commander wants to say goes to the given streams, and it never exits. */
export async function buildProgram(making: Making): Promise<Command> {
  const { args, stdout, stderr } = making.io
  const program = new Command('mayfly')
    .description('Runs every task in a process of its own. Without a command it serves.')
    .version(version(), '-V, --version')
    .helpCommand(false)
    .addHelpText('after', '\nExample:\n  $ mayfly run exec -- echo hello')
  for (const make of await makersFor(args)) program.addCommand(make(making))
  program.addCommand(helpCommand())
  for (const command of withSubcommands(program)) {
    withCommonFlags(command)
    command
      .exitOverride()
      .helpOption('-h, --help', 'show this')
      .configureHelp(help)
      .showSuggestionAfterError()
      .configureOutput({
        writeOut: (text) => stdout.write(text),
        writeErr: (text) => stderr.write(text),
        outputError: (text, write) =>
          write(
            `mayfly: ${text
              .replace(/^error: /, '')
              .trim()
              .replaceAll('\n', ' ')}\n`,
          ),
      })
  }
  return program
}

/** Without what only programs would read: an empty list for a default, "[options]" beside every command. */
const help = {
  subcommandTerm: (command: Command) =>
    [command.name(), ...command.registeredArguments.map((argument) => termOf(argument))].join(' '),
  optionDescription(this: Help, option: Option) {
    return Array.isArray(option.defaultValue) ? option.description : Help.prototype.optionDescription.call(this, option)
  },
}

function termOf(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`
  return argument.required ? `<${name}>` : `[${name}]`
}

function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)]
}
