import { toMoment } from '../../contract/present.ts'
import { Ticket } from '../../contract/ticket.ts'
import type { App } from '../app.ts'
import type { ServerDeps } from '../deps.ts'
import { refusals } from './shapes.ts'

export function ticketRoute(app: App, { access: { tickets } }: ServerDeps): void {
  app.post(
    '/stream/tickets',
    {
      schema: {
        summary: 'Get a pass to one stream, for browsers, whose WebSockets carry no token',
        response: { 201: Ticket, ...refusals },
      },
    },
    async ({ caller }, reply) => {
      const { ticket, expiresAt } = tickets.issue(caller)
      return reply.code(201).send({ ticket, expiresAt: toMoment(expiresAt) } satisfies Ticket)
    },
  )
}
