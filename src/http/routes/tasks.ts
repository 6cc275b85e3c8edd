import { nullable } from '../../contract/fragments.ts'
import { toContractTask } from '../../contract/present.ts'
import { defaultPageItems, TaskListQuery } from '../../contract/query.ts'
import { CancelRequest, RetryRequest, SubmissionHeaders, TaskRequest } from '../../contract/request.ts'
import { ContractTask, TaskPage } from '../../contract/task.ts'
import type { TaskQuery } from '../../journal/journal.ts'
import type { App } from '../app.ts'
import type { ServerDeps } from '../deps.ts'
import { toQueryFilter } from '../filter.ts'
import { checkedId, findTask } from '../lookup.ts'
import { toPage } from '../page.ts'
import { ById, refusals } from './shapes.ts'

export function taskRoutes(app: App, { submit, cancel, retry, journal }: ServerDeps): void {
  app.post(
    '/tasks',
    {
      schema: {
        summary: 'Submit a task',
        headers: SubmissionHeaders,
        body: TaskRequest,
        response: { 200: ContractTask, 202: ContractTask, ...refusals },
      },
    },
    async (request, reply) => {
      const { task, isNew } = await submit(request.caller, request.body, request.headers['idempotency-key'])
      const status = isNew ? 202 : 200
      return reply.code(status).header('location', `/v1/tasks/${task.id}`).send(toContractTask(task))
    },
  )

  app.get(
    '/tasks',
    { schema: { summary: 'List tasks', querystring: TaskListQuery, response: { 200: TaskPage, ...refusals } } },
    async (request) => {
      const { tasks, more } = await journal.tasks(toTaskQuery(request.caller.tenant, request.query))
      return toPage(tasks, more, ({ id }) => id, toContractTask)
    },
  )

  app.get(
    '/tasks/:id',
    { schema: { summary: 'Show a task', params: ById, response: { 200: ContractTask, ...refusals } } },
    async (request) => toContractTask(await findTask(journal, request.caller.tenant, request.params.id)),
  )

  app.post(
    '/tasks/:id/cancel',
    {
      schema: {
        summary: 'Cancel a task',
        params: ById,
        body: nullable(CancelRequest),
        response: { 202: ContractTask, ...refusals },
      },
    },
    async (request, reply) => {
      const id = checkedId(request.params.id)
      const task = await cancel(request.caller.tenant, id, request.body?.reason ?? null)
      return reply.code(202).send(toContractTask(task))
    },
  )

  app.post(
    '/tasks/:id/retry',
    {
      schema: {
        summary: 'Do an ended task again, as a new one',
        params: ById,
        body: nullable(RetryRequest),
        response: { 202: ContractTask, ...refusals },
      },
    },
    async (request, reply) => {
      const task = await retry(request.caller, checkedId(request.params.id), request.body?.debug ?? false)
      return reply.code(202).header('location', `/v1/tasks/${task.id}`).send(toContractTask(task))
    },
  )
}

function toTaskQuery(tenant: string, { cursor, limit, ...filter }: TaskListQuery): TaskQuery {
  return {
    ...toQueryFilter(filter),
    tenant,
    limit: limit ?? defaultPageItems,
    ...(cursor !== undefined && { before: cursor }),
  }
}
