/** The code quality report of GitLab, which it shows in merge requests. */
import { createHash } from 'node:crypto'
import type { Finding } from '../../../client/findings.ts'

export function codeQualityOf(findings: readonly Finding[]): object[] {
  const seen = new Map<string, number>()
  return findings.map(({ file, line, rule, severity, message }) => {
    // Not of the line: what moves with its file is no new finding. What is there twice is told apart by its number.
    const same = JSON.stringify([file, rule, message])
    const number = seen.get(same) ?? 0
    seen.set(same, number + 1)
    return {
      description: message,
      check_name: rule || 'finding',
      fingerprint: createHash('sha256').update(`${same}${number}`).digest('hex'),
      severity: severity === 'error' ? 'major' : 'minor',
      location: { path: file, lines: { begin: line } },
    }
  })
}
