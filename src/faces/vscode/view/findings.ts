/** Findings of a task as the Problems panel takes them. */
import { type Finding, readFindings } from '../../../client/findings.ts'

export interface Found {
  readonly errors: number
  readonly warnings: number
  /** By the path of their file, relative to what was looked at. */
  readonly byFile: ReadonlyMap<string, readonly Finding[]>
}

const mostFindings = 5_000

export function found(items: readonly unknown[]): Found {
  const findings = readFindings(items.slice(0, mostFindings))
  const count = (severity: Finding['severity']) => findings.filter((one) => one.severity === severity).length
  return { errors: count('error'), warnings: count('warning'), byFile: byFile(findings) }
}

/** By hand: editors with Node 20 have no `Map.groupBy`. */
function byFile(findings: readonly Finding[]): ReadonlyMap<string, readonly Finding[]> {
  const files = new Map<string, Finding[]>()
  for (const finding of findings) {
    const before = files.get(finding.file)
    if (before) before.push(finding)
    else files.set(finding.file, [finding])
  }
  return files
}
