/** What of a tenant's own tasks comes before one of them in its pool: what is in memory, and what only the journal knows. */
import type { LaneStretch } from '../journal/waiting.ts'
import type { Lane } from './lane.ts'
import { markOf } from './order.ts'
import type { Case } from './rules.ts'
import type { Own } from './work.ts'

/** Of the tenant's tasks that are in the journal alone, so many are counted. */
export const mostCounted = 10_000

/** The part of a lane that is before a task. */
export interface Before {
  readonly lane: Lane
  /** Tasks of it that are in memory. */
  readonly here: number
  /** Where in the journal the rest stands; undefined when there is none. */
  readonly rest: LaneStretch | undefined
}

/** Of every lane of the tenant in that pool. */
export function beforeOwn({ scene, task }: Pick<Case, 'scene' | 'task'>): readonly Before[] {
  const queues = [...(scene.tenants.known(task.tenant)?.queues ?? [])].filter(({ pool }) => pool === task.pool)
  return queues.flatMap(({ lanes }) =>
    [...lanes.values()].map((lane) => {
      const { here, after, beyond } = lane.tasks.before(task)
      const marks = after && { after: markOf(after), before: markOf(task) }
      return { lane, here, rest: marks && { lane: lane.place, ...marks, without: beyond } }
    }),
  )
}

/** The same with what the journal counted, and how much of it is to be expected to start before the task does. */
export interface OwnBefore extends Own {
  /** All of it, whatever holds it back. */
  readonly all: number
}

export function ownBefore({ task }: Pick<Case, 'task'>, { lane }: Before, all: number): OwnBefore {
  const { key, queue } = lane
  const isHeld = lane.isPaused || queue.restsUntil !== undefined
  // Other keys let only so many of theirs run at once; the rest is passed.
  const isOther = key.name !== null && key.name !== (task.concurrency?.key ?? null)
  const most = isOther ? (lane.first?.concurrency?.limit ?? 1) : all
  return { kind: queue.kind, key: key.name, all, count: isHeld ? 0 : Math.min(all, most) }
}
