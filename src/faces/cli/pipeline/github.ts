/** Workflow commands of GitHub Actions: each a line that the runner takes out of the log. */

import type { Finding } from '../../../client/findings.ts'
import { safe, safeLine } from '../safe.ts'

export function groupBegin(title: string): string {
  return `::group::${dataOf(safeLine(title))}\n`
}

export const groupEnd = '::endgroup::\n'

type Level = 'error' | 'warning'

/** What is shown beside the lines of a change, or on the page of the run where it has no place. */
export function annotation(
  level: Level,
  message: string,
  { file, line, column, title }: Partial<Pick<Finding, 'file' | 'line' | 'column'>> & { readonly title?: string },
): string {
  const properties = Object.entries({ file, line, col: column, title })
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]) => `${name}=${propertyOf(safeLine(String(value)))}`)
  return `::${level} ${properties.join(',')}::${dataOf(safe(message))}\n`
}

/** GitHub shows so many of a level and step; more would only fill the log. */
export const mostAnnotations = 10

/** The first errors and the first warnings. */
export function annotationsOf(findings: readonly Finding[]): string {
  const first = (level: Level) => findings.filter(({ severity }) => severity === level).slice(0, mostAnnotations)
  return [...first('error'), ...first('warning')]
    .map((one) => annotation(one.severity, one.message, { ...one, title: one.rule }))
    .join('')
}

function dataOf(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function propertyOf(text: string): string {
  return dataOf(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
