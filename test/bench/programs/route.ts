import Fastify from 'fastify'
import { TaskRequest } from '../../../src/contract/request.ts'
import { answerWith } from './answer.ts'

/** An answer is as long as a task. */
const rest = 'x'.repeat(400)

/** A task as it would have to be kept. */
export interface Row {
  readonly id: string
  readonly json: string
}

/** Fastify as it comes, and one route with the schema of a submission, which is answered once `keep` has kept it. */
export async function serve(keep?: (row: Row) => Promise<void>): Promise<void> {
  const app = Fastify()
  app.post('/v1/tasks', { schema: { body: TaskRequest } }, async (request, reply) => {
    const { kind, input } = request.body as TaskRequest
    const task = { id: crypto.randomUUID(), kind, input, rest }
    if (keep) await keep({ id: task.id, json: JSON.stringify(task) })
    return reply.code(202).send(task)
  })
  answerWith({ url: await app.listen({ host: '127.0.0.1', port: 0 }) }, async () => ({}))
}
