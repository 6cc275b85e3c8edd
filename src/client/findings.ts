/** Findings of a task in files, such as those of `lint`, from whatever a server says of them: only what makes sense. */

export interface Finding {
  /** Relative to the directory that was looked at, and inside it. */
  readonly file: string
  readonly line: number
  readonly column: number
  /** Empty where none is named. */
  readonly rule: string
  readonly severity: 'error' | 'warning'
  readonly message: string
}

/** What a result holds of findings; nothing when it is not about findings. */
export function findingsIn(result: unknown): readonly unknown[] | undefined {
  return isObject(result) && Array.isArray(result.findings) ? result.findings : undefined
}

/** The result has not all of them: an artifact does. */
export function isTruncated(result: unknown): boolean {
  return isObject(result) && result.truncated === true
}

export function readFindings(items: readonly unknown[]): readonly Finding[] {
  return items.flatMap((item) => findingOf(item) ?? [])
}

function findingOf(item: unknown): Finding | undefined {
  if (!isObject(item)) return undefined
  const { file, line, column, rule, severity, message } = item
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

/** A server must not lead anybody out of the directory that was looked at. */
function isInside(file: string): boolean {
  return file !== '' && !/^([/\\]|[a-z]:)/i.test(file) && !file.split(/[/\\]/).includes('..')
}

/** Lines and columns count from 1. */
function counted(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1 ? value : 1
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
