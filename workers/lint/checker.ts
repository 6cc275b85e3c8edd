import { once } from 'node:events'
import { statSync } from 'node:fs'
import { getCompileCacheDir } from 'node:module'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Finding } from './report.ts'
import type { SalesforceRuleset } from './rulesets.ts'
import type { Answer, Question, Said, ThreadData } from './thread.ts'

interface Bounds {
  /** Time for one file, counted from when the thread begins with it: what takes longer was made to. */
  readonly fileMs: number
  /** Memory of the thread: a file that needs more ends the thread, not the task. */
  readonly memoryMiB: number
}

const usual: Bounds = { fileMs: 30_000, memoryMiB: 640 }

/** Apex takes no class of more than a million characters. XML is read in one pass, whatever is in it. */
const largestMiB: Readonly<Record<SalesforceRuleset, number>> = { apex: 1, lwc: 1, metadata: 16 }

/** Looks at files of a Salesforce project, one after the other, in a thread that no file can hold for long. */
export class Checker {
  readonly #bounds: Bounds
  #thread: Worker | undefined

  /** Loads what these rulesets need while the caller does something else. */
  constructor({ soon = [], ...bounds }: Partial<Bounds> & { readonly soon?: readonly SalesforceRuleset[] } = {}) {
    this.#bounds = { ...usual, ...bounds }
    if (soon.length > 0) this.#open(soon)
  }

  /** Never rejects for what is in a file: one that cannot be looked at has one finding, which says why. */
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
    await this.#thread?.terminate()
    this.#thread = undefined
  }

  async #ask(question: Question): Promise<Answer> {
    const thread = this.#open()
    const over = new AbortController()
    const begun = Promise.withResolvers<void>()
    const answered = Promise.withResolvers<Answer>()
    const hear = (said: Said) => (said === 'begun' ? begun.resolve() : answered.resolve(said))
    thread.on('message', hear)
    const answers = [
      answered.promise,
      once(thread, 'exit', over).then(() => this.#lost('its thread ended')),
      begun.promise
        .then(() => tooLong(this.#bounds.fileMs, over.signal))
        .then(() => this.#lost(`it took longer than ${this.#bounds.fileMs / 1000} s`)),
    ]
    thread.postMessage(question)
    try {
      return await Promise.race(answers)
    } catch (error) {
      return this.#lost(reasonOf(error, this.#bounds))
    } finally {
      thread.off('message', hear)
      over.abort()
      for (const answer of answers) answer.catch(() => {})
    }
  }

  #open(soon: readonly SalesforceRuleset[] = []): Worker {
    const data: ThreadData = { cache: getCompileCacheDir(), soon }
    this.#thread ??= new Worker(new URL('./thread.ts', import.meta.url), {
      workerData: data,
      resourceLimits: { maxOldGenerationSizeMb: this.#bounds.memoryMiB },
    })
    return this.#thread
  }

  async #lost(error: string): Promise<Answer> {
    await this.close()
    return { error }
  }
}

async function tooLong(ms: number, signal: AbortSignal): Promise<void> {
  const { setTimeout } = await import('node:timers/promises')
  await setTimeout(ms, undefined, { signal })
}

function reasonOf(error: unknown, { memoryMiB }: Bounds): string {
  const { code, message } = error as NodeJS.ErrnoException
  return code === 'ERR_WORKER_OUT_OF_MEMORY' ? `it took more than ${memoryMiB} MiB of memory` : message
}

function unchecked(file: string, why: string): Finding {
  const message = `this file was not looked at: ${why}`
  return { file, line: 1, column: 1, rule: 'not-checked', severity: 'warning', message }
}
