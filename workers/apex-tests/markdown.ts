/** Pieces of a summary for persons. What comes from an org or from sources is text there, and nothing else. */
import { percentOf } from './coverage.ts'
import type { ClassCoverage, MethodResult } from './method.ts'

const mostRows = 50

export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return ''
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const left = rows.length > mostRows ? `\n\n… and ${rows.length - mostRows} more` : ''
  return [line(headings), line(headings.map(() => '---')), ...rows.slice(0, mostRows).map(line)].join('\n') + left
}

/** No link, no picture, no mention, no tag, no cell of a table. */
export function plain(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .trim()
    .replaceAll(/[^\p{L}\p{N}\s.,:;/()'%-]/gu, (character) => `&#${character.codePointAt(0)};`)
}

export function sections(parts: readonly string[]): string {
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

export function failedTable(methods: readonly MethodResult[]): string {
  const failed = methods.filter(({ outcome }) => outcome === 'fail')
  return table(
    ['Test', 'What', 'Where'],
    failed.map(({ className, method, message, stackTrace }) => [
      plain(`${className}.${method}`),
      plain(message ?? ''),
      plain(stackTrace?.split('\n')[0] ?? ''),
    ]),
  )
}

/** The least covered first. */
export function coverageTable(classes: readonly ClassCoverage[]): string {
  const rows = classes
    .map((one) => ({ ...one, percent: percentOf([one]) ?? 100 }))
    .sort((one, other) => one.percent - other.percent || (one.name < other.name ? -1 : 1))
    .map(({ name, percent, lines, uncovered }) => [plain(name), `${percent} %`, `${lines - uncovered} of ${lines}`])
  return table(['Class or trigger', 'Covered', 'Lines'], rows)
}
