import type { OnceNow } from '../operation.ts'
import type { Earlier } from '../reply.ts'
import type { Statements } from './statements.ts'
import { readTask } from './tasks.ts'

/** More than one, so that what has expired dwindles while keys come; few, so that no addition pays for a long rest. */
const forgottenAtOnce = 8

const selectKey = 'SELECT task, fingerprint FROM idempotency_key WHERE tenant = ? AND key = ? AND until > ?'
// One that has expired may still be there.
const insertKey = `INSERT OR REPLACE INTO idempotency_key (tenant, key, fingerprint, task, until)
  VALUES (?, ?, ?, ?, ?)`
const deleteExpired = `DELETE FROM idempotency_key WHERE (tenant, key) IN
  (SELECT tenant, key FROM idempotency_key WHERE until <= ? ORDER BY until LIMIT ${forgottenAtOnce})`

/** The task that the key belongs to, if it does to any. */
export function findEarlier(statements: Statements, once: OnceNow): Earlier | undefined {
  const row = statements.prepare(selectKey).get(once.tenant, once.key, once.now)
  if (!row) return undefined
  const { task, fingerprint } = row as { task: number; fingerprint: string }
  return { earlier: readTask(statements, task), sameFingerprint: fingerprint === once.fingerprint }
}

/** Gives the key to a task that has just been added, and forgets some of those that have expired. */
export function giveKey(statements: Statements, number: number, once: OnceNow): void {
  const { tenant, key, fingerprint, until, now } = once
  statements.prepare(deleteExpired).run(now)
  statements.prepare(insertKey).run(tenant, key, fingerprint, number, until)
}
