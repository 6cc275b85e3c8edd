import type { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from '../system/logger.ts'
import { Refusal } from '../task/errors.ts'
import { headersOf, toProblem, toRefusal } from './problems.ts'

const mediaType = 'application/problem+json'

/** Answers whatever a route threw, and logs what was nobody's intention. */
export function answerError(logger: Logger) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const refusal = toRefusal(error)
    if (refusal.code === 'INTERNAL') {
      logger.error({ err: refusal.cause, method: request.method, route: request.routeOptions.url }, 'a request failed')
    }
    if (refusal.code === 'TOO_LARGE') readOn(request, reply)
    const problem = toProblem(refusal)
    return reply.code(problem.status).headers(headersOf(refusal)).type(mediaType).send(JSON.stringify(problem))
  }
}

/**
 * Many clients read the answer only when they have sent everything, and lose it with a connection that is closed before.
 * What still comes is let through, to nobody, for as long as a body may take.
 */
function readOn({ raw }: FastifyRequest, reply: FastifyReply): void {
  reply.removeHeader('connection')
  raw.resume()
}

export function answerUnknownRoute(): never {
  throw new Refusal('NOT_FOUND', 'there is nothing at this address: /openapi.json lists what there is')
}

/** Answers bytes that are not even HTTP, or came too slowly; the connection is of no more use. */
export function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const body = JSON.stringify(toProblem(new Refusal('BAD_REQUEST', 'this was not a complete HTTP request')))
  socket.end(
    `HTTP/1.1 400 Bad Request\r\nContent-Type: ${mediaType}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
      `Connection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  )
}
