import type { Task } from '../../../task/task.ts'
import type { ChildFence, ChildPage, ChildState } from '../../families.ts'
import { fromJson, type Row } from '../columns.ts'
import type { Result } from '../reply.ts'
import { takePage, textBytes } from './page.ts'
import type { Statements } from './statements.ts'
import { active, unsettled } from './states.ts'
import { readTask } from './tasks.ts'

/** Of results and errors in one page: well below what a frame carries, unless one alone is larger. */
const pageBytes = 1024 * 1024
const pageChildren = 1_000

const selectParent = `SELECT 1 FROM task
  WHERE id = ? AND attempt = ? AND state IN (${active})
    AND CASE WHEN ? THEN cleaning IS NOT NULL ELSE cancel_requested = 0 AND cleaning IS NULL END`
const selectChild = 'SELECT number, id FROM task WHERE parent = ? AND child_key = ?'
const countChildren = 'SELECT count(*) AS count FROM task WHERE parent = ?'
const selectUnsettled = `SELECT id, kind FROM task WHERE parent = ? AND state IN (${unsettled}) ORDER BY child_key`
const selectPage = `SELECT child_key, id, state, body.result, body.error FROM task JOIN body ON body.task = task.number
  WHERE parent = ? AND child_key > ? ORDER BY child_key LIMIT ?`
const selectUnwanted = `SELECT child.tenant, child.id, child.kind FROM task AS child JOIN task AS parent ON parent.id = child.parent
  WHERE child.state IN (${unsettled}) AND child.parent IS NOT NULL
    AND (parent.cancel_requested = 1 OR parent.state = 'cancelled' OR parent.cleaning = 'cancelled')`

/** Why a child is not added, or the one that its key has already; nothing when it may be added. */
export function refuseChild(
  statements: Statements,
  parent: string,
  key: string,
  { attempt, isCleanup, most }: ChildFence,
): Result | undefined {
  if (!statements.prepare(selectParent).get(parent, attempt, Number(isCleanup))) return { stale: true }
  const earlier = statements.prepare(selectChild).get(parent, key) as { number: number } | undefined
  if (earlier) return { earlier: readTask(statements, earlier.number), sameFingerprint: true }
  const { count } = statements.prepare(countChildren).get(parent) as { count: number }
  return count < most ? undefined : { tooMany: true }
}

export const familyQueries = {
  'families.find'(statements: Statements, parent: string, key: string): string | undefined {
    return statements.prepare(selectChild).get(parent, key)?.id as string | undefined
  },
  'families.unsettled'(statements: Statements, parent: string): readonly Pick<Task, 'id' | 'kind'>[] {
    return Array.from(
      statements.rows(selectUnsettled, parent),
      ([id, kind]) => ({ id, kind }) as Pick<Task, 'id' | 'kind'>,
    )
  },
  'families.page'(statements: Statements, parent: string, afterKey: string): ChildPage {
    const stored = statements.rows(selectPage, parent, afterKey, pageChildren + 1)
    const { rows, more } = takePage(stored, { rows: pageChildren, bytes: pageBytes }, textBytes)
    return { children: rows.map(decodeChild), more }
  },
  'families.unwanted'(statements: Statements): readonly Pick<Task, 'tenant' | 'id' | 'kind'>[] {
    return Array.from(
      statements.rows(selectUnwanted),
      ([tenant, id, kind]) => ({ tenant, id, kind }) as Pick<Task, 'tenant' | 'id' | 'kind'>,
    )
  },
}

function decodeChild([key, id, state, result, error]: Row): ChildState {
  return { key, id, state, result: fromJson(result), error: fromJson(error) } as ChildState
}
