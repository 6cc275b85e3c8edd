import { Command, Option } from 'commander'
import type { Io } from './io.ts'
import { Session } from './session.ts'
import type { CommonOptions } from './settings.ts'

/** What commands are made with: the surroundings, and a place for the exit code. */
export interface Making {
  readonly io: Io
  setExitCode(code: number): void
}

/** A command that asks a server, with an example at the end of its help. */
export function define(name: string, summary: string, example: string): Command {
  return new ClientCommand(name).description(summary).addHelpText('after', `\nExample:\n  $ ${example}`)
}

class ClientCommand extends Command {}

/** The flags that all commands have that ask a server: the last in their help. */
export function withCommonFlags(command: Command): void {
  if (!(command instanceof ClientCommand)) return
  for (const [flags, meaning] of common) command.addOption(new Option(flags, meaning).helpGroup('Common options:'))
}

const common = [
  ['--json', 'answer in JSON'],
  ['--url <address>', 'the server (MAYFLY_URL)'],
  ['--token <token>', 'better in MAYFLY_TOKEN, where ps does not show it'],
  ['--data <directory>', 'where a server on this machine keeps its data (MAYFLY_DATA)'],
  ['--tenant <name>', 'act for this tenant, with an admin token (MAYFLY_TENANT)'],
] as const

/** A name under which there are further commands. */
export function group(name: string, summary: string, commands: readonly Command[]): Command {
  const parent = new Command(name).description(summary)
  for (const command of commands) parent.addCommand(command)
  return parent
}

type Work<Options, Operands extends readonly unknown[]> = (
  session: Session,
  options: Options & CommonOptions,
  ...operands: Operands
) => Promise<number | undefined>

/** What the command does; its exit code is 0 unless it says otherwise. */
export function action<Options = object, Operands extends readonly unknown[] = readonly string[]>(
  { io, setExitCode }: Making,
  work: Work<Options, Operands>,
) {
  return async (...all: unknown[]): Promise<void> => {
    const command = all.at(-1) as Command
    const options = command.opts() as Options & CommonOptions
    const operands = command.processedArgs as unknown as Operands
    setExitCode((await work(new Session(io, options), options, ...operands)) ?? 0)
  }
}

/** A flag with one of these values. */
export function oneOf(flag: string, about: string, choices: readonly string[]): Option {
  return new Option(flag, about).choices(choices)
}

/** Collects a flag that may be given several times. */
export function collect(value: string, earlier: readonly string[]): readonly string[] {
  return [...earlier, value]
}
