/** JUnit's XML, the common tongue of what shows tests: the task is a test, and each file with findings is one. */

import type { Finding } from '../../../client/findings.ts'
import type { ContractTask } from '../../../contract/task.ts'
import { safe } from '../safe.ts'

interface Case {
  readonly name: string
  readonly seconds: number
  readonly failure?: { readonly type: string; readonly message: string; readonly text: string }
  readonly output?: string
}

export function junitOf(task: ContractTask, findings: readonly Finding[] = []): string {
  const cases = [taskCase(task), ...fileCases(findings)]
  const failures = cases.filter(({ failure }) => failure).length
  const counts = `tests="${cases.length}" failures="${failures}" errors="0" skipped="0" time="${secondsOf(task)}"`
  const named = `name="${quoted(task.kind)}"`
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites ${named} ${counts}>
  <testsuite ${named} id="${task.id}" timestamp="${task.createdAt}" ${counts}>
${cases.map((each) => caseOf(task.kind, each)).join('\n')}
  </testsuite>
</testsuites>
`
}

function taskCase(task: ContractTask): Case {
  const { kind, state, error } = task
  const seconds = secondsOf(task)
  if (state === 'succeeded') return { name: kind, seconds }
  const { code: type, message, lastOutput: text = '' } = error ?? { code: 'CANCELLED', message: `it was ${state}` }
  return { name: kind, seconds, failure: { type, message, text } }
}

/** A file fails that has errors; one with warnings alone says them. */
function fileCases(findings: readonly Finding[]): Case[] {
  return [...Map.groupBy(findings, ({ file }) => file)].map(([name, all]) => {
    const text = all.map(lineOf).join('\n')
    const errors = all.filter(({ severity }) => severity === 'error')
    const [first] = errors
    if (!first) return { name, seconds: 0, output: text }
    return {
      name,
      seconds: 0,
      failure: {
        type: first.rule || 'error',
        message: errors.length === 1 ? '1 error' : `${errors.length} errors`,
        text,
      },
    }
  })
}

function lineOf({ file, line, column, severity, rule, message }: Finding): string {
  return `${file}:${line}:${column} ${severity} ${rule}: ${message}`
}

function caseOf(kind: string, { name, seconds, failure, output }: Case): string {
  const begin = `    <testcase classname="mayfly.${quoted(kind)}" name="${quoted(name)}" time="${seconds}"`
  const inside = failure
    ? `<failure type="${quoted(failure.type)}" message="${quoted(failure.message)}">${escaped(failure.text)}</failure>`
    : output && `<system-out>${escaped(output)}</system-out>`
  return inside ? `${begin}>${inside}</testcase>` : `${begin}/>`
}

function secondsOf({ startedAt, settledAt }: ContractTask): number {
  return startedAt && settledAt ? Math.max(0, Date.parse(settledAt) - Date.parse(startedAt)) / 1000 : 0
}

/** XML has no way at all to write most control characters and halves of pairs; `safe` has made the former visible. */
function escaped(text: string): string {
  return safe(text)
    .toWellFormed()
    .replaceAll(/[\ufffe\uffff]/g, '\ufffd')
    .replaceAll(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
}

function quoted(text: string): string {
  return escaped(text).replaceAll(/[\n\t]/g, (character) => `&#${character.charCodeAt(0)};`)
}
