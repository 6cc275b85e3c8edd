/**
 * The process in which files of a Salesforce project are looked at, one at a time: a parser can be kept busy for hours by a
 * file that was made for it, or take all memory, and only a process can be ended by that without the task: a thread that
 * is out of memory may take all others along. Arguments: what will be needed, to be loaded before the first question.
 */
import { readFileSync } from 'node:fs'
import { messageOf } from '../../src/system/message.ts'
import type { Finding } from './report.ts'
import type { SalesforceRuleset } from './rulesets.ts'

export interface Question {
  readonly file: string
  readonly path: string
  readonly ruleset: SalesforceRuleset
}

export type Answer = { readonly findings: readonly Finding[] } | { readonly error: string }

/** That a process starts and a linter is loaded takes as long as the machine is slow: no file is blamed for it. */
export type Said = 'begun' | Answer

type Lint = (file: string, text: string) => readonly Finding[]

const linters: Readonly<Record<SalesforceRuleset, () => Promise<Lint>>> = {
  apex: async () => (await import('../apex/lint.ts')).lintApex,
  metadata: async () => (await import('../metadata/lint.ts')).lintMetadata,
  lwc: async () => (await import('../lwc/lint.ts')).lintTemplate,
}

// What cannot be loaded is told with the first question.
for (const ruleset of process.argv.slice(2) as SalesforceRuleset[]) linters[ruleset]().catch(() => {})
process.on('message', async (question: Question) => say(await answerTo(question)))

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
  process.send?.(said)
}
