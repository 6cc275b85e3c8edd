/** Findings of a task as the Problems panel takes them: whatever a server sends, only what makes sense of it. */
export interface Finding {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly rule: string
  readonly severity: 'error' | 'warning'
  readonly message: string
}

export interface Found {
  readonly errors: number
  readonly warnings: number
  /** By the path of their file, relative to what was looked at. */
  readonly byFile: ReadonlyMap<string, readonly Finding[]>
}

const mostFindings = 5_000

/** What a result holds of findings, such as that of `lint`; nothing when it is not about findings. */
export function findingsIn(result: unknown): readonly unknown[] | undefined {
  if (typeof result !== 'object' || result === null || !('findings' in result)) return undefined
  return Array.isArray(result.findings) ? result.findings : undefined
}

/** The result has not all of them: an artifact does. */
export function isTruncated(result: unknown): boolean {
  return typeof result === 'object' && result !== null && 'truncated' in result && result.truncated === true
}

export function found(items: readonly unknown[]): Found {
  const findings = items.slice(0, mostFindings).flatMap((item) => findingOf(item) ?? [])
  const count = (severity: Finding['severity']) => findings.filter((one) => one.severity === severity).length
  return { errors: count('error'), warnings: count('warning'), byFile: byFile(findings) }
}

function findingOf(item: unknown): Finding | undefined {
  if (typeof item !== 'object' || item === null) return undefined
  const { file, line, column, rule, severity, message } = item as Record<string, unknown>
  if (typeof file !== 'string' || typeof message !== 'string' || !isInside(file)) return undefined
  return {
    file: file.replace(/^(\.\/)+/, ''),
    line: counted(line),
    column: counted(column),
    rule: typeof rule === 'string' ? rule : '',
    severity: severity === 'warning' ? 'warning' : 'error',
    message,
  }
}

/** A server must not lead the editor out of the folder that was looked at. */
function isInside(file: string): boolean {
  return file !== '' && !/^([/\\]|[a-z]:)/i.test(file) && !file.split(/[/\\]/).includes('..')
}

/** Lines and columns count from 1. */
function counted(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1 ? value : 1
}

function byFile(findings: readonly Finding[]): ReadonlyMap<string, readonly Finding[]> {
  const files = new Map<string, Finding[]>()
  for (const finding of findings) {
    const before = files.get(finding.file)
    if (before) before.push(finding)
    else files.set(finding.file, [finding])
  }
  return files
}
