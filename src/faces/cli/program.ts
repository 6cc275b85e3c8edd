import { Command } from 'commander'
import type { Making } from './command.ts'
import { cancelCommand } from './commands/cancel.ts'
import { completionCommand } from './commands/completion.ts'
import { configCommand } from './commands/config.ts'
import { doctorCommand } from './commands/doctor.ts'
import { kindsCommand } from './commands/kinds.ts'
import { listCommand } from './commands/list.ts'
import { logsCommand } from './commands/logs.ts'
import { pausesCommand } from './commands/pauses.ts'
import { poolsCommand } from './commands/pools.ts'
import { retryCommand } from './commands/retry.ts'
import { runCommand } from './commands/run.ts'
import { secretsCommand } from './commands/secrets.ts'
import { serveCommand } from './commands/serve.ts'
import { showCommand } from './commands/show.ts'
import { submitCommand } from './commands/submit.ts'
import { tenantsCommand } from './commands/tenants.ts'
import { tokensCommand } from './commands/tokens.ts'
import { versionCommand } from './commands/version.ts'
import { watchCommand } from './commands/watch.ts'
import { version } from './version.ts'

const makers = [
  serveCommand,
  runCommand,
  submitCommand,
  watchCommand,
  listCommand,
  showCommand,
  logsCommand,
  cancelCommand,
  retryCommand,
  kindsCommand,
  poolsCommand,
  secretsCommand,
  tenantsCommand,
  tokensCommand,
  pausesCommand,
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
    .helpCommand('help [command]', 'say more about a command')
    .addHelpText('after', '\nExample:\n  $ mayfly run exec -- echo hello')
  for (const make of makers) program.addCommand(make(making))
  for (const command of withSubcommands(program)) {
    command
      .exitOverride()
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

function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)]
}
