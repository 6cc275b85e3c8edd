import type { Credential } from '../access/credential.ts'
import type { TaskRequest } from '../contract/request.ts'
import { scheduleLabel, tickLabel } from '../contract/schedule.ts'
import type { Decided, NewFire, ScheduleRecord, Standing } from '../journal/schedules.ts'
import type { FireWaypoint } from '../system/waypoint.ts'
import { Refusal } from '../task/errors.ts'
import type { Task } from '../task/task.ts'

/** What the rest of Mayfly does for schedules, as for everybody. */
export interface FireDeps {
  /** Resolves once task and tick are durable, in one commit; refuses when the tick is over or the schedule has changed. */
  readonly submit: (caller: Credential, request: TaskRequest, decided: Decided) => Promise<Task>
  readonly cancel: (tenant: string, id: string, reason: string) => Promise<unknown>
  readonly witness: (waypoint: FireWaypoint, schedule: string) => void
}

/** A tick whose task is to be submitted, or a run by hand. */
export interface Firing {
  readonly schedule: ScheduleRecord
  /** Whose rights the task has. */
  readonly caller: Credential
  /** Unsettled tasks that have to make room. */
  readonly replaces: readonly string[]
  readonly standing: Standing
  readonly fire: NewFire
}

/** Ends what is to be replaced, and submits the task. Killed anywhere in it, it is begun again, and has no second effect. */
export async function fire(deps: FireDeps, firing: Firing): Promise<Task> {
  const { schedule, caller, replaces, standing, fire } = firing
  deps.witness('fire.decided', schedule.id)
  for (const task of replaces) await replace(deps, schedule, task)
  deps.witness('fire.replaced', schedule.id)
  const decided = { schedule: schedule.id, revision: schedule.revision, standing, fire }
  const task = await deps.submit(caller, labelled(schedule, fire.tick), decided)
  deps.witness('fire.committed', schedule.id)
  return task
}

async function replace({ cancel }: FireDeps, { tenant, id }: ScheduleRecord, task: string): Promise<void> {
  try {
    await cancel(tenant, task, `its schedule ${id} fires again`)
  } catch (error) {
    // It has ended meanwhile, or only its cleanup is left.
    if (error instanceof Refusal && ['CONFLICT', 'NOT_FOUND'].includes(error.code)) return
    throw error
  }
}

function labelled({ id, task }: ScheduleRecord, tick: number | null): TaskRequest {
  const own = { [scheduleLabel]: id, ...(tick !== null && { [tickLabel]: new Date(tick).toISOString() }) }
  return { ...task, labels: { ...task.labels, ...own } }
}

/** What became of a tick that has a task. */
export function fired(tick: number | null, at: number, by: string | null = null): NewFire {
  return { tick, at, outcome: 'fired', ticks: 1, code: null, reason: null, by }
}
