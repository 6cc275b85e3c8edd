import { type Argument, Command, Help, type Option } from 'commander'
import { type Making, withCommonFlags } from './command.ts'
import { artifactsCommand } from './commands/artifacts.ts'
import { attachCommand } from './commands/attach.ts'

import { cancelCommand } from './commands/cancel.ts'
import { completionCommand } from './commands/completion.ts'
import { configCommand } from './commands/config.ts'
import { doctorCommand } from './commands/doctor.ts'
import { explainCommand } from './commands/explain.ts'
import { helpCommand } from './commands/help.ts'
import { kindsCommand } from './commands/kinds.ts'
import { listCommand } from './commands/list.ts'
import { logsCommand } from './commands/logs.ts'
import { mcpCommand } from './commands/mcp.ts'
import { pausesCommand } from './commands/pauses.ts'
import { poolsCommand } from './commands/pools.ts'
import { retryCommand } from './commands/retry.ts'
import { runCommand } from './commands/run.ts'
import { schedulesCommand } from './commands/schedules.ts'
import { secretsCommand } from './commands/secrets.ts'
import { serveCommand } from './commands/serve.ts'
import { showCommand } from './commands/show.ts'
import { simulateCommand } from './commands/simulate.ts'
import { submitCommand } from './commands/submit.ts'
import { tenantsCommand } from './commands/tenants.ts'
import { tokensCommand } from './commands/tokens.ts'
import { versionCommand } from './commands/version.ts'
import { watchCommand } from './commands/watch.ts'
import { version } from './version.ts'

const makers = [
  serveCommand,
  runCommand,
  attachCommand,
  submitCommand,
  watchCommand,
  listCommand,
  showCommand,
  explainCommand,
  logsCommand,
  artifactsCommand,
  cancelCommand,
  retryCommand,
  kindsCommand,
  poolsCommand,
  schedulesCommand,
  secretsCommand,
  tenantsCommand,
  tokensCommand,
  pausesCommand,
  simulateCommand,
  mcpCommand,
  doctorCommand,
  configCommand,
  completionCommand,
  versionCommand,
]

/** All commands, each from a file of its own. Whatever commander wants to say goes to the given streams, and it never exits. */
export function buildProgram(making: Making): Command {
  const { stdout, stderr } = making.io
  const program = new Command('mayfly')
    .description('Runs every task in a process of its own. Without a command it serves.')
    .version(version(), '-V, --version')
    .helpCommand(false)
    .addHelpText('after', '\nExample:\n  $ mayfly run exec -- echo hello')
  for (const make of makers) program.addCommand(make(making))
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
