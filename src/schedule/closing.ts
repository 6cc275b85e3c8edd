/**
 * What ends because the window in which it may run has closed: all of a kind that has windows of its own, and of a pool
 * what exceeds its share, the cheapest first. Cleanups finish: their outcome is decided.
 */

import { POOLS } from '../task/task.ts'
import type { Lineup } from './lineup.ts'
import type { Room } from './room.ts'
import { lostSeconds, type Running } from './running.ts'
import type { Waiting } from './waiting.ts'

type Places = Pick<Lineup, 'queueOf' | 'outside'>

/** What runs outside of its windows now, and must not. */
export function outOfHours(
  running: Iterable<Running>,
  lineup: Places,
  room: Pick<Room, 'shareOf'>,
  now: number,
): readonly Running[] {
  const all = [...running].filter(({ task }) => !task.isCleanup)
  const ofKinds = all.filter(({ task }) => lineup.queueOf(task)?.endsKind)
  const ofPools = POOLS.flatMap((pool) => {
    const own = all.filter(({ task }) => task.pool === pool && lineup.queueOf(task)?.endsPool)
    const ending = [...ofKinds, ...all.filter(({ preemptedAt }) => preemptedAt !== undefined)]
    const left = lineup.outside(pool) - new Set(ending.filter((one) => own.includes(one))).size
    const rest = own.filter((one) => !ending.includes(one))
    rest.sort((a, b) => lostSeconds(a, now) - lostSeconds(b, now) || b.startedAt - a.startedAt)
    return rest.slice(0, Math.max(0, left - room.shareOf(pool)))
  })
  return [...ofKinds, ...ofPools]
}

/** Whether it is still so: a window may have opened again before anything could be ended. */
export function isOutOfHours(task: Waiting, lineup: Pick<Places, 'queueOf'>): boolean {
  const queue = lineup.queueOf(task)
  return queue !== undefined && (queue.endsKind || queue.endsPool)
}
