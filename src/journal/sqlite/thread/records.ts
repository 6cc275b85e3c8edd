/**
 * Everything that the journal does besides adding, moving and showing tasks, each matter in a file of its own: changes,
 * made by the writing thread inside the batch's transaction, and questions, answered by a reading thread.
 */
import { auditChanges, auditQueries } from './audit.ts'
import { familyQueries } from './families.ts'
import { pauseChanges, pauseQueries } from './pauses.ts'
import { processTimeQueries } from './process-time.ts'
import { retentionChanges, retentionQueries } from './retention.ts'
import { scheduleChanges, scheduleQueries } from './schedules.ts'
import { secretChanges, secretQueries } from './secrets.ts'
import type { Statements } from './statements.ts'
import { tenantChanges, tenantQueries } from './tenants.ts'
import { tokenChanges, tokenQueries } from './tokens.ts'
import { uploadChanges, uploadQueries } from './uploads.ts'
import { waitingQueries } from './waiting.ts'

export const recordChanges = {
  ...auditChanges,
  ...secretChanges,
  ...uploadChanges,
  ...retentionChanges,
  ...tenantChanges,
  ...tokenChanges,
  ...pauseChanges,
  ...scheduleChanges,
}
export const recordQueries = {
  ...auditQueries,
  ...secretQueries,
  ...familyQueries,
  ...uploadQueries,
  ...retentionQueries,
  ...tenantQueries,
  ...tokenQueries,
  ...pauseQueries,
  ...scheduleQueries,
  ...waitingQueries,
  ...processTimeQueries,
}

type Changes = typeof recordChanges
export type ChangeName = keyof Changes
export type ChangeArguments<C extends ChangeName> = Changes[C] extends (
  statements: Statements,
  ...args: infer A
) => unknown
  ? A
  : never
export type ChangeAnswer<C extends ChangeName> = ReturnType<Changes[C]>

export function change(statements: Statements, name: ChangeName, args: readonly unknown[]): unknown {
  const carryOut: (statements: Statements, ...args: never[]) => unknown = recordChanges[name]
  return carryOut(statements, ...(args as never[]))
}
