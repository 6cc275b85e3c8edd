/**
 * The thread in which files of a Salesforce project are looked at, one at a time: a parser can be kept busy for hours by
 * a file that was made for it, and only a thread can be ended without the task.
 */
import { readFileSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { parentPort, workerData } from 'node:worker_threads'
import { messageOf } from '../../src/system/message.ts'
import type { Finding } from './report.ts'
import type { SalesforceRuleset } from './rulesets.ts'

export interface ThreadData {
  /** Where Node finds what it has compiled before. */
  readonly cache: string | undefined
  /** What will be needed, to be loaded before the first question comes. */
  readonly soon: readonly SalesforceRuleset[]
}

export interface Question {
  readonly file: string
  readonly path: string
  readonly ruleset: SalesforceRuleset
}

export type Answer = { readonly findings: readonly Finding[] } | { readonly error: string }

/** That a thread starts and a linter is loaded takes as long as the machine is slow: no file is blamed for it. */
export type Said = 'begun' | Answer

type Lint = (file: string, text: string) => readonly Finding[]

const { cache, soon } = workerData as ThreadData
if (cache) enableCompileCache(cache)

const linters: Readonly<Record<SalesforceRuleset, () => Promise<Lint>>> = {
  apex: async () => (await import('../apex/lint.ts')).lintApex,
  metadata: async () => (await import('../metadata/lint.ts')).lintMetadata,
  lwc: async () => (await import('../lwc/lint.ts')).lintTemplate,
}

// What cannot be loaded is told with the first question.
for (const ruleset of soon) linters[ruleset]().catch(() => {})
parentPort?.on('message', async (question: Question) => say(await answerTo(question)))

async function answerTo({ file, path, ruleset }: Question): Promise<Answer> {
  try {
    const lint = await linters[ruleset]()
    say('begun')
    return { findings: lint(file, readFileSync(path, 'utf8').replace(/^\uFEFF/, '')) }
  } catch (error) {
    return { error: error instanceof RangeError ? 'it is nested too deep to be read' : messageOf(error) }
  }
}

function say(said: Said): void {
  parentPort?.postMessage(said)
}
