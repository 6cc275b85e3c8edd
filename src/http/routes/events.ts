import { ContractEventPage } from '../../contract/event.ts'
import { toContractEvent } from '../../contract/present.ts'
import { defaultPageItems, EventQuery } from '../../contract/query.ts'
import type { EventPage } from '../../journal/journal.ts'
import { isTerminal } from '../../task/states.ts'
import type { App } from '../app.ts'
import type { ServerDeps } from '../deps.ts'
import type { LongPolls } from '../long-polls.ts'
import { checkedCursor, findTask } from '../lookup.ts'
import { ById, refusals } from './shapes.ts'

export function eventRoutes(app: App, { journal }: ServerDeps, longPolls: LongPolls): void {
  app.get(
    '/tasks/:id/events',
    {
      schema: {
        summary: 'Read a task’s events, and wait for the next ones',
        params: ById,
        querystring: EventQuery,
        response: { 200: ContractEventPage, ...refusals },
      },
    },
    async (request, reply) => {
      const task = await findTask(journal, request.caller.tenant, request.params.id)
      const { limit = defaultPageItems, wait: waitSeconds = 0 } = request.query
      const after = checkedCursor(request.query.after ?? 0, task)
      const wait = longPolls.open(task.id, request.caller.tokenId)
      reply.raw.once('close', wait.give)
      // It may have hung up while its task was looked up.
      if (reply.raw.closed) wait.give()
      try {
        const page = await journal.events(task.id, after, limit)
        if (page.events.length > 0 || waitSeconds === 0 || isTerminal(task.state)) return toPage(page)
        await wait.news(waitSeconds * 1000)
        return toPage(await journal.events(task.id, after, limit))
      } finally {
        wait.close()
      }
    },
  )
}

function toPage({ events, firstSeq, lastSeq }: EventPage): ContractEventPage {
  return { items: events.map(toContractEvent), lastSeq, firstSeq }
}
