import { statSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../../src/system/message.ts'
import type { Answer, Question, Said } from './child.ts'
import { LintProcess } from './process.ts'
import type { Finding } from './report.ts'
import type { SalesforceRuleset } from './rulesets.ts'

interface Bounds {
  /** Time for one file, counted from when the process begins with it: what takes longer was made to. */
  readonly fileMs: number
  /** Memory of the process: a file that needs more ends that, not the task. */
  readonly memoryMiB: number
}

const usual: Bounds = { fileMs: 30_000, memoryMiB: 640 }

/** Apex takes no class of more than a million characters. XML is read in one pass, whatever is in it. */
const largestMiB: Readonly<Record<SalesforceRuleset, number>> = { apex: 1, lwc: 1, metadata: 16 }

/** Looks at files of a Salesforce project, one after the other, in a process that no file can hold for long. */
export class Checker {
  readonly #bounds: Bounds
  #process: Promise<LintProcess> | undefined

  /** Loads what these rulesets need while the caller does something else. */
  constructor({ soon = [], ...bounds }: Partial<Bounds> & { readonly soon?: readonly SalesforceRuleset[] } = {}) {
    this.#bounds = { ...usual, ...bounds }
    if (soon.length === 0) return
    this.#process = LintProcess.start(soon, this.#bounds.memoryMiB)
    // It is tried again with the first question.
    this.#process.catch(() => {})
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
    const started = await this.#process?.catch(() => undefined)
    this.#process = undefined
    await started?.kill()
  }

  async #ask(question: Question): Promise<Answer> {
    const started = await this.#open()
    const { child } = started
    const over = new AbortController()
    const begun = Promise.withResolvers<void>()
    const answered = Promise.withResolvers<Answer>()
    const hear = (said: Said) => (said === 'begun' ? begun.resolve() : answered.resolve(said))
    child.on('message', hear)
    const lost = Promise.race([
      started.end(over.signal).catch(messageOf),
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

  async #open(): Promise<LintProcess> {
    const started = await this.#process?.catch(() => undefined)
    if (started?.lives) return started
    this.#process = LintProcess.start([], this.#bounds.memoryMiB)
    return this.#process
  }
}

async function tooLong(ms: number, signal: AbortSignal): Promise<void> {
  const { setTimeout } = await import('node:timers/promises')
  await setTimeout(ms, undefined, { signal })
}

function unchecked(file: string, why: string): Finding {
  const message = `this file was not looked at: ${why}`
  return { file, line: 1, column: 1, rule: 'not-checked', severity: 'warning', message }
}
