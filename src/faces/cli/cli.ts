/** The command line: finds the command, does it, and turns whatever goes wrong into one sentence and an exit code. */
import { CommanderError } from 'commander'
import { MayflyError } from '../../client/errors.ts'
import { EXIT, exitCodeOf, Interrupted, UsageError } from './exit.ts'
import type { Io } from './io.ts'
import { harmless } from './pipeline/disarm.ts'
import { pipelineOf } from './pipeline/pipeline.ts'
import { buildProgram } from './program.ts'
import { goThroughProxies, wayBy } from './proxies.ts'
import { safe } from './safe.ts'

/** Resolves with the exit code; everything has been said by then. */
export async function commandLine(io: Io): Promise<number> {
  endQuietlyWithReader(io)
  let exitCode: number = EXIT.OK
  const setExitCode = (code: number) => {
    exitCode = code
  }
  try {
    await goThroughProxies(io.env)
    const program = await buildProgram({ io, setExitCode })
    await program.parseAsync([...io.args], { from: 'user' })
  } catch (error) {
    exitCode = complain(io, error)
  }
  await Promise.all([flushed(io.stdout), flushed(io.stderr)])
  return exitCode
}

function complain(io: Io, error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.OK : EXIT.USAGE
  if (error instanceof Interrupted) return EXIT.INTERRUPTED
  const message = error instanceof Error ? error.message : String(error)
  const way = exitCodeOf(error) === EXIT.UNREACHABLE ? wayBy(io.env) : ''
  const said = pipelineOf(io.env) === 'none' ? safe(message) : harmless(message)
  io.stderr.write(`mayfly: ${said}${way}${hintFor(error)}\n`)
  return exitCodeOf(error)
}

function hintFor(error: unknown): string {
  if (error instanceof UsageError) return ' (`mayfly help` shows what there is)'
  const isInput = error instanceof MayflyError && error.code === 'INVALID_INPUT'
  return isInput ? ' (`mayfly kinds KIND` shows what a kind takes)' : ''
}

/** As other programs do that write into a pipe nobody reads any more. */
const brokenPipe = 141

function endQuietlyWithReader({ stdout }: Io): void {
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit(brokenPipe)
  })
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()))
}
