import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { getCompileCacheDir } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { messageOf } from '../../src/system/message.ts'
import type { Answer, Question, Said } from './child.ts'
import type { Finding } from './report.ts'
import type { SalesforceRuleset } from './rulesets.ts'

interface Bounds {
  /** Time for one file, counted from when the process begins with it: what takes longer was made to. */
  readonly fileMs: number
  /** Memory of the process: a file that needs more ends that, not the task. */
  readonly memoryMiB: number
}

const program = fileURLToPath(new URL('./child.ts', import.meta.url))
/** As much as a thread of Node has: what is nested is read by functions that call themselves. */
const stackKiB = 3_900

const usual: Bounds = { fileMs: 30_000, memoryMiB: 640 }

/** Apex takes no class of more than a million characters. XML is read in one pass, whatever is in it. */
const largestMiB: Readonly<Record<SalesforceRuleset, number>> = { apex: 1, lwc: 1, metadata: 16 }

/** Looks at files of a Salesforce project, one after the other, in a process that no file can hold for long. */
export class Checker {
  readonly #bounds: Bounds
  #child: Promise<ChildProcess> | undefined

  /** Loads what these rulesets need while the caller does something else. */
  constructor({ soon = [], ...bounds }: Partial<Bounds> & { readonly soon?: readonly SalesforceRuleset[] } = {}) {
    this.#bounds = { ...usual, ...bounds }
    if (soon.length === 0) return
    this.#child = start(soon, this.#bounds)
    // It is tried again with the first question.
    this.#child.catch(() => {})
  }

  /** Rejects for nothing that is in a file: one that cannot be looked at has one finding, which says why. */
  async check(root: string, file: string, ruleset: SalesforceRuleset): Promise<readonly Finding[]> {
    const largest = largestMiB[ruleset]
    const path = join(root, file)
    if (statSync(path).size > largest * 2 ** 20) {
      return [unchecked(file, `it is larger than ${largest} MiB`)]
    }
    const answer = await this.#ask({ file, path, ruleset })
    return 'findings' in answer ? answer.findings : [unchecked(file, answer.error)]
  }

  async close(): Promise<void> {
    const child = await this.#child?.catch(() => undefined)
    this.#child = undefined
    if (child?.kill('SIGKILL')) await once(child, 'exit')
  }

  async #ask(question: Question): Promise<Answer> {
    const child = await this.#open()
    const over = new AbortController()
    const begun = Promise.withResolvers<void>()
    const answered = Promise.withResolvers<Answer>()
    const hear = (said: Said) => (said === 'begun' ? begun.resolve() : answered.resolve(said))
    child.on('message', hear)
    const lost = Promise.race([
      once(child, 'exit', over).then(([code, signal]) => reasonOf(code ?? signal, this.#bounds), messageOf),
      begun.promise
        .then(() => tooLong(this.#bounds.fileMs, over.signal))
        .then(() => `it took longer than ${this.#bounds.fileMs / 1000} s`),
    ])
    // Whether it can be told anything shows by its end.
    child.send(question, () => {})
    try {
      const answer = await Promise.race([answered.promise, lost])
      if (typeof answer !== 'string') return answer
      await this.close()
      return { error: answer }
    } finally {
      child.off('message', hear)
      over.abort()
      lost.catch(() => {})
    }
  }

  async #open(): Promise<ChildProcess> {
    const child = await this.#child?.catch(() => undefined)
    if (child?.connected && !hasEnded(child)) return child
    this.#child = start([], this.#bounds)
    return this.#child
  }
}

/** Rejects where none can be started, which is no fault of a file: the task may not say that all is well with any. */
async function start(soon: readonly SalesforceRuleset[], { memoryMiB }: Bounds): Promise<ChildProcess> {
  const cache = getCompileCacheDir()
  try {
    const child = fork(program, soon, {
      // As workers are, but for what is for tasks that have little loaded.
      execArgv: [
        `--max-old-space-size=${memoryMiB}`,
        `--stack-size=${stackKiB}`,
        '--v8-pool-size=1',
        '--disable-sigusr1',
      ],
      env: { ...process.env, ...(cache !== undefined && { NODE_COMPILE_CACHE: dirname(cache) }) },
      // Node describes at length how it has run out of memory.
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    // What goes wrong with it later shows by its end.
    child.on('error', () => {})
    await once(child, 'spawn')
    return child
  } catch (error) {
    throw new Error(`no process could be started to look at files of Salesforce: ${messageOf(error)}`, { cause: error })
  }
}

async function tooLong(ms: number, signal: AbortSignal): Promise<void> {
  const { setTimeout } = await import('node:timers/promises')
  await setTimeout(ms, undefined, { signal })
}

/** As Node ends a process that is out of memory, and as a shell would say that. */
const outOfMemory: ReadonlySet<unknown> = new Set(['SIGABRT', 134])

function reasonOf(exit: unknown, { memoryMiB }: Bounds): string {
  return outOfMemory.has(exit) ? `it took more than ${memoryMiB} MiB of memory` : `its process ended with ${exit}`
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null
}

function unchecked(file: string, why: string): Finding {
  const message = `this file was not looked at: ${why}`
  return { file, line: 1, column: 1, rule: 'not-checked', severity: 'warning', message }
}
