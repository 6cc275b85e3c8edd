/** The server as a program: what starts it, what ends it, and with which exit code. */
import { spawnSync } from 'node:child_process'
import { closeSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { assemble, type Mayfly } from './assemble.ts'
import { ConfigError } from './config/error.ts'
import { readConfig } from './config/read.ts'
import type { Config } from './config/schema.ts'
import { sentenceOf } from './no-start.ts'
import { askPassphrase, refuseNotGiven } from './passphrase.ts'
import { hearSignalsAside } from './process/signals-aside.ts'
import { type Reloading, reload } from './reload.ts'
import { type Logger, systemLogger } from './system/logger.ts'
import { collectGarbage } from './system/memory.ts'
import { secretsEnvironment, workerEnvironment } from './worker-environment.ts'

/** sysexits.h: what init systems know not to try again. */
const exit = { USAGE: 64, LOST: 74, UNUSABLE: 78 } as const

export interface ServeOptions {
  /** It belongs to the process that started it, and ends with it: that process holds its standard input open. */
  readonly embedded: boolean
}

/** Resolves once it listens; from then on signals end it. */
export async function serve(
  flags: readonly string[],
  env: NodeJS.ProcessEnv,
  { embedded }: ServeOptions,
): Promise<void> {
  let config: Config | undefined
  try {
    hearSignalsAside()
    config = readConfig(flags, env)
    const { passphraseFd } = config
    refuseNotGiven(passphraseFd)
    const logger = systemLogger(config.logLevel)
    refuseCoreFiles()
    const mayfly = await assemble(config, logger, workerEnvironment(env), {
      secretsEnvironment: secretsEnvironment(env),
      askPassphrase: () => askPassphrase(passphraseFd, process),
    })
    leaveAddress(config, mayfly.url)
    const stop = stopOnSignals(mayfly, config, logger)
    if (embedded) stopWithInput(mayfly)
    else onHangup(stop, config, { read: () => readConfig(flags, env), adopt: (next) => mayfly.adopt(next), logger })
    // Whatever is still in memory may be wrong now; workers end with this process.
    void mayfly.lost.then(() => process.exit(exit.LOST))
    logger.info({ url: mayfly.url, pid: process.pid }, 'listening')
    collectGarbage()
  } catch (error) {
    const sentence = sentenceOf(error, config)
    if (sentence === undefined) throw error
    process.stderr.write(`mayfly: ${sentence}\n`)
    process.exit(error instanceof ConfigError ? exit.USAGE : exit.UNUSABLE)
  }
}

/** Where the command line on this machine finds the server. A courtesy: a full disk must not keep it from serving. */
function leaveAddress({ data }: Config, url: string): void {
  const path = join(data, 'url')
  try {
    writeFileSync(path, `${url}\n`)
  } catch {
    rmSync(path, { force: true })
  }
  process.once('exit', () => rmSync(path, { force: true }))
}

function stopWithInput(mayfly: Mayfly): void {
  process.stdin.resume().once('end', () => {
    mayfly.stop(0).then(
      () => process.exit(0),
      () => process.exit(1),
    )
  })
}

/**
 * Neither the orchestrator nor anything that it starts leaves its memory behind in a file. One byte instead of none:
 * with none the kernel still feeds a core handler.
 */
function refuseCoreFiles(): void {
  if (process.platform === 'linux') spawnSync('prlimit', ['--pid', String(process.pid), '--core=1:1'])
}

/** A Ctrl-C comes twice to what npm runs: from the terminal, and from npm, which got it, too. Nobody presses it so fast. */
const oneWishMs = 300

/** The first signal lets running tasks end, the second hands them back at once. */
function stopOnSignals(mayfly: Mayfly, config: Config, logger: Logger): (signal: string) => void {
  let signals = 0
  let interruptedAt = Number.NEGATIVE_INFINITY
  const stop = (signal: string) => {
    if (signal === 'SIGINT' && performance.now() - interruptedAt < oneWishMs) return
    if (signal === 'SIGINT') interruptedAt = performance.now()
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
  return stop
}

/** SIGHUP has the settings read again, unless it says that the terminal is gone. */
function onHangup(stop: (signal: string) => void, config: Config, reloading: Reloading): void {
  let inForce = config
  process.on('SIGHUP', (signal) => {
    if (isTerminalGone()) stop(signal)
    else inForce = reload(inForce, reloading)
  })
}

function isTerminalGone(): boolean {
  if (!process.stdin.isTTY) return false
  try {
    closeSync(openSync('/dev/tty', 'r'))
    return false
  } catch {
    return true
  }
}
