import { statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { messageOf } from '../../src/system/message.ts'
import type { Answer, Question, Said } from './child.ts'
import { LintProcess, notStarted } from './process.ts'
import type { Finding } from './report.ts'
import type { SalesforceRuleset } from './rulesets.ts'

interface Bounds {
  /** Time for one file, counted from when the process begins with it: what takes longer was made to. */
  readonly fileMs: number
  /** Memory of the process: a file that needs more ends that, not the task. */
  readonly memoryMiB: number
}

const usual: Bounds = { fileMs: 30_000, memoryMiB: 640 }

/** Until it begins with its first file it only loads code. */
const beginMs = 60_000

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
    this.#process = this.#living(this.#process)
    const started = await this.#process
    const { child } = started
    const over = new AbortController()
    const begun = Promise.withResolvers<boolean>()
    const answered = Promise.withResolvers<Answer>()
    const hear = (said: Said) => (said === 'begun' ? begun.resolve(true) : answered.resolve(said))
    child.on('message', hear)
    const lost = Promise.race([
      started.end(over.signal).catch(messageOf),
      this.#impatience(begun.promise, over.signal).catch(messageOf),
    ])
    // Whether it can be told anything shows by its end.
    child.send(question, () => {})
    try {
      const answer = await Promise.race([answered.promise, lost])
      if (typeof answer !== 'string') return answer
      await this.close()
      if (!started.hasBegun) throw notStarted(answer)
      return { error: answer }
    } finally {
      child.off('message', hear)
      over.abort()
      lost.catch(() => {})
    }
  }

  /** Why nobody waits any longer. */
  async #impatience(begun: Promise<boolean>, signal: AbortSignal): Promise<string> {
    if (!(await Promise.race([begun, after(beginMs, false, { signal })])))
      return `it did not begin within ${beginMs / 1000} s`
    await after(this.#bounds.fileMs, undefined, { signal })
    return `it took longer than ${this.#bounds.fileMs / 1000} s`
  }

  async #living(before: Promise<LintProcess> | undefined): Promise<LintProcess> {
    const started = await before?.catch(() => undefined)
    return started?.lives ? started : LintProcess.start([], this.#bounds.memoryMiB)
  }
}

function unchecked(file: string, why: string): Finding {
  const message = `this file was not looked at: ${why}`
  return { file, line: 1, column: 1, rule: 'not-checked', severity: 'warning', message }
}
