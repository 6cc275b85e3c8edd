import { BatchAnswer, BatchItem, BatchRequest } from '../../contract/batch.ts'
import { checkOf } from '../../contract/check.ts'
import { toContractTask } from '../../contract/present.ts'
import type { Asked } from '../../submit/desk.ts'
import type { Submitted } from '../../submit/once.ts'
import type { Logger } from '../../system/logger.ts'
import { Refusal } from '../../task/errors.ts'
import type { App } from '../app.ts'
import type { ServerDeps } from '../deps.ts'
import { toProblem, toRefusal } from '../problems.ts'
import { refusals } from './shapes.ts'

const checkItem = checkOf(BatchItem, 'the task')

export function batchRoute(app: App, { submitAll, limits, logger }: ServerDeps): void {
  app.post(
    '/tasks/batch',
    {
      bodyLimit: limits.batchBytes,
      schema: {
        summary: 'Submit up to 1,000 tasks with one commit',
        body: BatchRequest,
        response: { 207: BatchAnswer, ...refusals },
      },
    },
    async ({ caller, body }, reply) => {
      const complaints = body.tasks.map(checkItem)
      const asked = body.tasks.filter((_, index) => complaints[index] === undefined).map(toAsked)
      const submitted = submitAll(caller, asked).values()
      const outcomes = await Promise.allSettled(
        complaints.map((complaint) =>
          complaint === undefined
            ? (submitted.next().value as Promise<Submitted>)
            : Promise.reject(new Refusal('BAD_REQUEST', complaint)),
        ),
      )
      return reply.code(207).send({ items: outcomes.map((outcome) => toItem(outcome, logger)) })
    },
  )
}

function toAsked(checked: unknown): Asked {
  const { idempotencyKey, ...request } = checked as BatchItem
  return { request, idempotencyKey }
}

function toItem(outcome: PromiseSettledResult<Submitted>, logger: Logger): BatchAnswer['items'][number] {
  if (outcome.status === 'fulfilled') {
    const { task, isNew } = outcome.value
    return { status: isNew ? 202 : 200, task: toContractTask(task) }
  }
  const refusal = toRefusal(outcome.reason)
  if (refusal.code === 'INTERNAL') logger.error({ err: refusal.cause }, 'a task of a batch failed')
  const problem = toProblem(refusal)
  return { status: problem.status, problem }
}
