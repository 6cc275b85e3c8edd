/** What a task found in the files of a project. */
import { join } from 'node:path/posix'
import type { Mayfly } from '../../../client/client.ts'
import { type Finding, findingsIn, isTruncated, readFindings } from '../../../client/findings.ts'
import type { ContractTask } from '../../../contract/task.ts'
import { fileOf } from './kept.ts'

const mostFindings = 20_000

/**
 * The findings of its result, or of the file that it keeps all in (`deploy.validate.json` of a kind of that name, or any
 * `lint.json`) where the result has not all, as that of a task that failed. `base` is the directory that was looked at,
 * relative to that of the project. Nothing for a task that is not about findings.
 */
export async function findingsOf(
  client: Mayfly,
  task: ContractTask,
  base: string,
): Promise<readonly Finding[] | undefined> {
  const shown = findingsIn(task.result)
  const items = shown && !isTruncated(task.result) ? shown : (listIn(await fileOf(client, task, nameOf(task))) ?? shown)
  if (!items) return undefined
  return readFindings(items.slice(0, mostFindings)).map((finding) => ({ ...finding, file: join(base, finding.file) }))
}

function nameOf({ kind }: ContractTask): RegExp {
  return new RegExp(`(^|/)(lint|${kind.replaceAll(/\W/g, '\\$&')})\\.json$`)
}

function listIn(text: string | undefined): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text ?? 'null')
    return Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}
