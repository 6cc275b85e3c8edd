/** The process that looks at files: how it starts, and why it ended. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { getCompileCacheDir } from 'node:module'
import { dirname } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { messageOf } from '../../src/system/message.ts'
import type { SalesforceRuleset } from './rulesets.ts'

const program = fileURLToPath(new URL('./child.ts', import.meta.url))
/** As much as a thread of Node has: what is nested is read by functions that call themselves. */
const stackKiB = 3_900

/** More than what Node writes as it runs out of memory. */
const maxSaidCharacters = 16 * 1024
const maxShownCharacters = 300
/** Once it has ended, what it wrote is read for so long: whoever holds its stderr may live on. */
const lastWordsMs = 1_000

export class LintProcess {
  readonly child: ChildProcess
  readonly #memoryMiB: number
  /** The last of what it wrote to stderr. */
  #said = ''
  #hasBegun = false

  /** Rejects where none can be started, which is no fault of a file: the task may not say that all is well with any. */
  static async start(soon: readonly SalesforceRuleset[], memoryMiB: number): Promise<LintProcess> {
    try {
      const started = new LintProcess(soon, memoryMiB)
      await once(started.child, 'spawn')
      return started
    } catch (error) {
      throw notStarted(messageOf(error))
    }
  }

  private constructor(soon: readonly SalesforceRuleset[], memoryMiB: number) {
    this.#memoryMiB = memoryMiB
    const cache = getCompileCacheDir()
    this.child = fork(program, soon, {
      // As workers are, but for what is for tasks that have little loaded.
      execArgv: [
        `--max-old-space-size=${memoryMiB}`,
        `--stack-size=${stackKiB}`,
        '--v8-pool-size=1',
        '--disable-sigusr1',
      ],
      env: { ...process.env, ...(cache !== undefined && { NODE_COMPILE_CACHE: dirname(cache) }) },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    this.child.once('message', () => {
      this.#hasBegun = true
    })
    // What goes wrong with it later shows by its end.
    this.child.on('error', () => {})
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#said = (this.#said + text).slice(-maxSaidCharacters)
    })
  }

  get lives(): boolean {
    return this.child.connected && this.child.exitCode === null && this.child.signalCode === null
  }

  /** It has come so far as to look at a file, or to say why it does not. */
  get hasBegun(): boolean {
    return this.#hasBegun
  }

  /** Why it has ended, once it has and what it said was read. */
  async end(over: AbortSignal): Promise<string> {
    const closed = once(this.child, 'close', { signal: over }).catch(() => {})
    const [code, signal] = await once(this.child, 'exit', { signal: over })
    await Promise.race([closed, after(lastWordsMs, undefined, { signal: over })])
    // Any failed assertion of Node ends a process as this does.
    if (/JavaScript (heap )?out of memory/.test(this.#said)) return `it took more than ${this.#memoryMiB} MiB of memory`
    const last = withoutFrames(this.#said).slice(-maxShownCharacters)
    return `its process ended with ${code ?? signal}${last && `, and said last: ${last}`}`
  }

  async kill(): Promise<void> {
    if (this.child.kill('SIGKILL')) await once(this.child, 'exit')
  }
}

/** No file was looked at, and that is no fault of any: the task may not go on as if all were well. */
export function notStarted(why: string): Error {
  return new Error(`no process could be started to look at files of Salesforce: ${why}`)
}

/** What went wrong is said before the stack, and the version of Node after it. */
function withoutFrames(said: string): string {
  const [before = ''] = said.split('----- Native stack trace -----', 1)
  const telling = before.split('\n').filter((line) => !/^(\s+at |Node\.js v)/.test(line))
  return telling.join(' ').replace(/\s+/g, ' ').trim()
}
