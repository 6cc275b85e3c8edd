/** What the log of a task says of the decision that it was started by, or ended for. */
import type { Waited } from '../journal/attempts.ts'
import type { WhyStarted } from '../journal/moves.ts'
import type { Decision } from './plan.ts'
import type { Waiting } from './waiting.ts'

export function whyStarted(
  { task, reason, preempted }: Decision & { do: 'start' },
  waited: Waited | null,
  now: number,
): WhyStarted {
  const displaced = preempted.map((one) => nameFor(task, one))
  return { reason, waitedSeconds: waitedSeconds(task, now), preempted: displaced, waited }
}

/** What the tenant of one task may know of another: nothing but that it is there, when it is not its own. */
export function nameFor({ tenant }: Pick<Waiting, 'tenant'>, other: Pick<Waiting, 'tenant' | 'id'>): string {
  return other.tenant === tenant ? other.id : 'a task of another tenant'
}

/** Since it was due. When one was requeued at once, nothing on the board tells. */
function waitedSeconds({ notBefore, createdAt, attempt }: Waiting, now: number): number | undefined {
  const dueAt = notBefore ?? (attempt === 0 ? createdAt : undefined)
  return dueAt === undefined ? undefined : Math.max(0, now - Math.max(dueAt, createdAt)) / 1000
}
