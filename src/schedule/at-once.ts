/** Whether a task that is not durable yet would be the next to start. */
import type { Board } from './board.ts'
import { type Decision, plan } from './plan.ts'
import type { Waiting } from './waiting.ts'

type Start = Decision & { readonly do: 'start' }

/**
 * The decision that starts it: it is lined up then. Undefined when something else is to be done first, or it has to wait:
 * the board is as it was.
 */
export function considerAtOnce(board: Board, task: Waiting, now: number): Start | undefined {
  if (!mayBeNext(board, task)) return undefined
  board.advance(now)
  if (plan(board, now)) return undefined
  return board.consider(task, () => {
    const next = plan(board, now)
    return next?.do === 'start' && next.task.id === task.id ? next : undefined
  })
}

/** A first look that costs next to nothing: most tasks are no such. */
export function mayBeNext(board: Board, { pool, notBefore, concurrency }: MayBeNext): boolean {
  if (notBefore !== null || (concurrency?.onConflict ?? 'queue') !== 'queue') return false
  return board.pools.freeSlot(pool) !== undefined
}

type MayBeNext = Pick<Waiting, 'pool' | 'notBefore' | 'concurrency'>
