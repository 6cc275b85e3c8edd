/** The program: argv, environment and signals come in here and nowhere else. */
import { spawnSync } from 'node:child_process'
import { assemble, type Mayfly } from './assemble.ts'
import { type Config, ConfigError, readConfig } from './config.ts'
import { JournalUnusable } from './journal/journal.ts'
import { VaultUnusable } from './secrets/unusable.ts'
import { type Logger, systemLogger } from './system/logger.ts'

/** sysexits.h: what init systems know not to try again. */
const exit = { USAGE: 64, LOST: 74, UNUSABLE: 78 } as const

export async function main({ argv, env }: Pick<NodeJS.Process, 'argv' | 'env'>): Promise<void> {
  try {
    const config = readConfig(argv.slice(2), env)
    const logger = systemLogger(config.logLevel)
    refuseCoreFiles()
    const mayfly = await assemble(config, logger, workerEnvironment(env))
    stopOnSignals(mayfly, config, logger)
    // Whatever is still in memory may be wrong now; workers end with this process.
    void mayfly.lost.then(() => process.exit(exit.LOST))
    logger.info({ url: mayfly.url, pid: process.pid }, 'listening')
  } catch (error) {
    const isExpected = [ConfigError, JournalUnusable, VaultUnusable].some((expected) => error instanceof expected)
    if (!isExpected || !(error instanceof Error)) throw error
    process.stderr.write(`mayfly: ${error.message}\n`)
    process.exit(error instanceof ConfigError ? exit.USAGE : exit.UNUSABLE)
  }
}

/** What every worker's environment is made of; nothing else of ours gets in. */
function workerEnvironment({
  PATH = '/usr/bin:/bin',
  LANG = 'C.UTF-8',
  TZ,
}: NodeJS.ProcessEnv): Record<string, string> {
  return { PATH, LANG, ...(TZ !== undefined && { TZ }) }
}

/**
 * Neither the orchestrator nor anything that it starts leaves its memory behind in a file. One byte instead of none:
 * with none the kernel still feeds a core handler.
 */
function refuseCoreFiles(): void {
  if (process.platform === 'linux') spawnSync('prlimit', ['--pid', String(process.pid), '--core=1:1'])
}

/** The first signal lets running tasks end, the second hands them back at once. */
function stopOnSignals(mayfly: Mayfly, config: Config, logger: Logger): void {
  let signals = 0
  const stop = (signal: string) => {
    signals++
    logger.info({ signal, graceSeconds: config.stopGraceSeconds }, signals === 1 ? 'stopping' : 'handing tasks back')
    if (signals > 1) return mayfly.orchestrator.handBack()
    mayfly.stop().then(
      () => process.exit(0),
      (error) => {
        logger.error({ err: error }, 'it did not stop cleanly')
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  // Otherwise any process of the same user opens a debugger here with a plain kill -USR1.
  process.on('SIGUSR1', () => {})
}
