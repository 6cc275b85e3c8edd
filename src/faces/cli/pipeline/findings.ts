/** What a task found in files, from whatever its server says of it: only what makes sense. */
import { join } from 'node:path/posix'
import type { Mayfly } from '../../../client/client.ts'
import type { ContractTask } from '../../../contract/task.ts'
import { fileOf } from './kept.ts'

export interface Finding {
  readonly file: string
  readonly line: number
  readonly column: number
  /** Empty where none is named. */
  readonly rule: string
  readonly severity: 'error' | 'warning'
  readonly message: string
}

const mostFindings = 20_000
const artifactName = /(^|\/)lint\.json$/

/**
 * The findings of its result, or of `lint.json` where the result has not all, as that of a task that failed. `base` is
 * the directory that was looked at, relative to that of the project. Nothing for a task that is not about findings.
 */
export async function findingsOf(
  client: Mayfly,
  task: ContractTask,
  base: string,
): Promise<readonly Finding[] | undefined> {
  const { result } = task
  const inResult = isObject(result) && Array.isArray(result.findings) ? result.findings : undefined
  const isWhole = inResult !== undefined && isObject(result) && result.truncated !== true
  const items = isWhole ? inResult : (listIn(await fileOf(client, task, artifactName)) ?? inResult)
  return items?.slice(0, mostFindings).flatMap((item) => findingOf(item, base) ?? [])
}

function listIn(text: string | undefined): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text ?? 'null')
    return Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}

function findingOf(item: unknown, base: string): Finding | undefined {
  if (!isObject(item)) return undefined
  const { file, line, column, rule, severity, message } = item
  if (typeof file !== 'string' || typeof message !== 'string' || !isInside(file)) return undefined
  return {
    file: join(base, file),
    line: counted(line),
    column: counted(column),
    rule: typeof rule === 'string' ? rule : '',
    severity: severity === 'warning' ? 'warning' : 'error',
    message,
  }
}

/** Nothing outside of the project can be pointed at. */
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
