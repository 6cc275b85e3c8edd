/** The limit of a submission: Fastify as it comes, one route with the same schema, and nothing behind it. */
import Fastify from 'fastify'
import { TaskRequest } from '../../../src/contract/request.ts'
import { answerWith } from './answer.ts'

/** An answer is as long as a task. */
const rest = 'x'.repeat(400)

const app = Fastify()
app.post('/v1/tasks', { schema: { body: TaskRequest } }, async (request, reply) => {
  const { kind, input } = request.body as TaskRequest
  return reply.code(202).send({ id: crypto.randomUUID(), kind, input, rest })
})
answerWith({ url: await app.listen({ host: '127.0.0.1', port: 0 }) }, async () => ({}))
