/** A task as Markdown, for the page of a run. */

import type { Finding } from '../../../client/findings.ts'
import type { ContractTask } from '../../../contract/task.ts'
import { safe, safeLine } from '../safe.ts'
import { duration } from '../words.ts'

const mostRows = 50
const mostOutputCharacters = 10_000

export function summaryOf(task: ContractTask, findings: readonly Finding[] = []): string {
  return [`### ${plain(task.kind)}: ${task.state}`, factsOf(task), failureOf(task), tableOf(findings)]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n\n')
}

function factsOf({ id, attempt, startedAt, settledAt, pool }: ContractTask): string {
  const took = startedAt && settledAt ? duration(Date.parse(settledAt) - Date.parse(startedAt)) : '–'
  return row(['Task', 'Pool', 'Attempt', 'Took'], [[code(id), pool, String(attempt), took]])
}

function failureOf({ error }: ContractTask): string {
  if (!error) return ''
  const output = error.lastOutput ? `\n\n${block(error.lastOutput.slice(-mostOutputCharacters))}` : ''
  return `**${plain(error.code)}**: ${plain(error.message)}${output}`
}

function tableOf(findings: readonly Finding[]): string {
  if (findings.length === 0) return ''
  // Errors first: a table that is cut must not lose them.
  const sorted = [...findings].sort((a, b) => Number(a.severity === 'warning') - Number(b.severity === 'warning'))
  const rows = sorted
    .slice(0, mostRows)
    .map(({ severity, file, line, rule, message }) => [severity, `${plain(file)}:${line}`, plain(rule), plain(message)])
  const left = findings.length > mostRows ? `\n\n… and ${findings.length - mostRows} more` : ''
  return `${row(['', 'Where', 'Rule', 'What'], rows)}${left}`
}

function row(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(headings), line(headings.map(() => '---')), ...rows.map(line)].join('\n')
}

/** Text that is nothing but text: no link, no picture, no mention, no tag, no cell of a table. */
function plain(text: string): string {
  return safeLine(text).replaceAll(/[^\p{L}\p{N}\s]/gu, (character) => `&#${character.codePointAt(0)};`)
}

function code(text: string): string {
  return `<code>${plain(text)}</code>`
}

/** A block that nothing in it ends. */
function block(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}text\n${safe(text)}\n${fence}`
}
