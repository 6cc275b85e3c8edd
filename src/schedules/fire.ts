import type { Credential } from '../access/credential.ts'
import type { TaskRequest } from '../contract/request.ts'
import { scheduleLabel, tickLabel } from '../contract/schedule.ts'
import type { Decided, NewFire, ScheduleRecord, Standing } from '../journal/schedules.ts'
import type { FireWaypoint } from '../system/waypoint.ts'
import type { Task } from '../task/task.ts'

/** A task, and whether it was made now: not where an earlier run by hand with the same key made it. */
export interface Fired {
  readonly task: Task
  readonly isNew: boolean
}

/** What the rest of Mayfly does for schedules, as for everybody. */
export interface FireDeps {
  /** Resolves once task and tick are durable, in one commit; refuses when the tick is over or the schedule has changed. */
  readonly submit: (
    caller: Credential,
    request: TaskRequest,
    how: { readonly decided: Decided; readonly idempotencyKey: string | undefined },
  ) => Promise<Fired>
  readonly witness: (waypoint: FireWaypoint, schedule: string) => void
}

/** A tick whose task is to be submitted, or a run by hand. */
export interface Firing {
  readonly schedule: ScheduleRecord
  /** Whose rights the task has. */
  readonly caller: Credential
  /** Unsettled tasks that have to make room: what ends them is wanted in the commit of the new task. */
  readonly replaces: readonly string[]
  readonly standing: Standing
  readonly fire: NewFire
  readonly idempotencyKey?: string | undefined
}

/** Submits the task, which ends what it replaces. Killed anywhere in it, it is begun again, and has no second effect. */
export async function fire(deps: FireDeps, firing: Firing): Promise<Fired> {
  const { schedule, caller, replaces, standing, fire, idempotencyKey } = firing
  deps.witness('fire.decided', schedule.id)
  const decided = { schedule: schedule.id, revision: schedule.revision, standing, fire, replaces }
  const done = await deps.submit(caller, requestOf(schedule, fire.tick), { decided, idempotencyKey })
  deps.witness('fire.committed', schedule.id)
  return done
}

/** The task of a tick, or of a run by hand, with labels that tell so. */
export function requestOf({ id, task }: ScheduleRecord, tick: number | null): TaskRequest {
  const own = { [scheduleLabel]: id, ...(tick !== null && { [tickLabel]: new Date(tick).toISOString() }) }
  return { ...task, labels: { ...task.labels, ...own } }
}

/** What became of a tick that has a task. */
export function fired(tick: number | null, at: number, by: string | null = null): NewFire {
  return { tick, at, outcome: 'fired', ticks: 1, code: null, reason: null, by }
}
