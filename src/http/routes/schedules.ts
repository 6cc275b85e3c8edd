import { toContractTask, toMoment } from '../../contract/present.ts'
import { SubmissionHeaders } from '../../contract/request.ts'
import {
  type ContractFire,
  ContractSchedule,
  ScheduleChange,
  ScheduleListQuery,
  SchedulePage,
  ScheduleRequest,
  ShownSchedule,
} from '../../contract/schedule.ts'
import { Type } from '../../contract/schema.ts'
import { ContractTask } from '../../contract/task.ts'
import type { Fire, ScheduleRecord, Timing } from '../../journal/schedules.ts'
import type { Shown } from '../../schedules/schedules.ts'
import type { App } from '../app.ts'
import type { ServerDeps } from '../deps.ts'
import { toPage } from '../page.ts'
import { ById, refusals } from './shapes.ts'

export function scheduleRoutes(app: App, { schedules }: ServerDeps): void {
  app.post(
    '/schedules',
    {
      schema: {
        summary: 'Make a schedule',
        body: ScheduleRequest,
        response: { 201: ContractSchedule, ...refusals },
      },
    },
    async ({ caller, body }, reply) => {
      const schedule = await schedules.create(caller, body)
      return reply.code(201).header('location', `/v1/schedules/${schedule.id}`).send(toContractSchedule(schedule))
    },
  )

  app.get(
    '/schedules',
    {
      schema: {
        summary: 'List schedules, oldest first',
        querystring: ScheduleListQuery,
        response: { 200: SchedulePage, ...refusals },
      },
    },
    async ({ caller, query }) => {
      const { schedules: found, more } = await schedules.list(caller, query)
      return toPage(found, more, ({ id }) => id, toContractSchedule)
    },
  )

  app.get(
    '/schedules/:id',
    {
      schema: {
        summary: 'Show a schedule, its next times and what became of its last ones',
        params: ById,
        response: { 200: ShownSchedule, ...refusals },
      },
    },
    async ({ caller, params }) => toShown(await schedules.show(caller, params.id)),
  )

  app.patch(
    '/schedules/:id',
    {
      schema: {
        summary: 'Change a schedule: its tasks have the rights of this token from then on',
        params: ById,
        body: ScheduleChange,
        response: { 200: ContractSchedule, ...refusals },
      },
    },
    async ({ caller, params, body }) => toContractSchedule(await schedules.change(caller, params.id, body)),
  )

  app.delete(
    '/schedules/:id',
    {
      schema: {
        summary: 'Delete a schedule with its history; its tasks stay',
        params: ById,
        response: { 204: Type.Null(), ...refusals },
      },
    },
    async ({ caller, params }, reply) => {
      await schedules.remove(caller, params.id)
      return reply.code(204).send()
    },
  )

  app.post(
    '/schedules/:id/run',
    {
      schema: {
        summary: 'Submit its task now, with the rights of this token',
        headers: SubmissionHeaders,
        params: ById,
        response: { 200: ContractTask, 202: ContractTask, ...refusals },
      },
    },
    async ({ caller, params, headers }, reply) => {
      const { task, isNew } = await schedules.run(caller, params.id, headers['idempotency-key'])
      return reply
        .code(isNew ? 202 : 200)
        .header('location', `/v1/tasks/${task.id}`)
        .send(toContractTask(task))
    },
  )

  for (const verb of ['pause', 'resume'] as const) {
    app.post(
      `/schedules/:id/${verb}`,
      {
        schema: {
          summary: verb === 'pause' ? 'Fire nothing' : 'Go on, from now',
          params: ById,
          response: { 200: ContractSchedule, ...refusals },
        },
      },
      async ({ caller, params }) => toContractSchedule(await schedules[verb](caller, params.id)),
    )
  }
}

function toContractSchedule(schedule: ScheduleRecord): ContractSchedule {
  const { id, tenant, name, timing, task, overlap, catchUp, jitterMs, paused, owner } = schedule
  return {
    id,
    tenant,
    name,
    ...toContractTiming(timing),
    task,
    overlap,
    catchUp,
    jitterSeconds: jitterMs / 1000,
    paused,
    token: owner.tokenId,
    nextAt: toMoment(schedule.nextAt),
    createdAt: toMoment(schedule.createdAt),
    changedAt: toMoment(schedule.changedAt),
  }
}

function toContractTiming(timing: Timing) {
  const none = { cron: null, timeZone: null, everySeconds: null, at: null }
  if ('cron' in timing) return { ...none, cron: timing.cron, timeZone: timing.timeZone }
  if ('everyMs' in timing) return { ...none, everySeconds: timing.everyMs / 1000 }
  return { ...none, at: toMoment(timing.at) }
}

function toShown({ schedule, nextTicks, history }: Shown): ShownSchedule {
  return {
    ...toContractSchedule(schedule),
    nextTicks: nextTicks.map((tick) => toMoment(tick)),
    history: history.map(toContractFire),
  }
}

function toContractFire(fire: Fire): ContractFire {
  return { ...fire, tick: toMoment(fire.tick), at: toMoment(fire.at) }
}
