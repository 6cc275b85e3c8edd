/** The program: argv, environment and signals come in here and nowhere else. */
import { fileURLToPath } from 'node:url'

/**
 * Starts the server, or does what the command line says. Each is loaded only when it is wanted: the server does not
 * carry the command line, and a command does not wait for the server's modules.
 */
export async function main(process: NodeJS.Process): Promise<void> {
  const { argv, env } = process
  const [command, ...flags] = argv.slice(2)
  if (isServer(command, flags)) {
    const { startOver } = await import('./start-over.ts')
    startOver(process)
    const { serve } = await import('./serve.ts')
    await serve(command?.startsWith('-') ? [command, ...flags] : flags, env, { embedded: command === 'serve-embedded' })
    return
  }
  const [{ commandLine }, { hostTools }] = await Promise.all([import('./faces/cli/cli.ts'), import('./host.ts')])
  const { stdin, stdout, stderr } = process
  const code = await commandLine({
    args: argv.slice(2),
    env,
    stdin,
    stdout,
    stderr,
    called: [process.execPath, argv[1] ?? ''],
    program: [process.execPath, fileURLToPath(new URL('bin.js', import.meta.url))],
    host: hostTools(env),
    onInterrupt(handler) {
      const signals = ['SIGINT', 'SIGTERM'] as const
      for (const signal of signals) process.on(signal, handler)
      return () => {
        for (const signal of signals) process.off(signal, handler)
      }
    },
  })
  // Sockets that are kept for further requests would hold the process for some seconds.
  process.exit(code)
}

const aboutItself: ReadonlySet<string | undefined> = new Set(['-h', '--help', '-V', '--version'])

function isServer(command: string | undefined, flags: readonly string[]): boolean {
  if (command === 'serve') return !flags.some((flag) => aboutItself.has(flag))
  if (command === undefined || command === 'serve-embedded') return true
  return command.startsWith('-') && !aboutItself.has(command)
}
