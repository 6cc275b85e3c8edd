import { Readable } from 'node:stream'
import { Type } from '../../contract/schema.ts'
import type { Journal } from '../../journal/journal.ts'
import type { Logger } from '../../system/logger.ts'
import type { TaskEvent } from '../../task/task.ts'
import type { App } from '../app.ts'
import type { ServerDeps } from '../deps.ts'
import { findTask } from '../lookup.ts'
import { ById, refusals } from './shapes.ts'

const pageEvents = 256

export function logRoute(app: App, { journal, logger }: ServerDeps): void {
  app.get(
    '/tasks/:id/log',
    {
      schema: {
        summary: 'Read what a task printed and logged',
        params: ById,
        produces: ['text/plain'],
        response: { 200: Type.String(), ...refusals },
      },
    },
    async (request, reply) => {
      const { id, lastSeq } = await findTask(journal, request.caller.tenant, request.params.id)
      const pages = Readable.from(logPages(journal, id, lastSeq, logger), { highWaterMark: 1 })
      return reply.type('text/plain; charset=utf-8').send(pages)
    },
  )
}

/** The log up to `lastSeq`, a page at a time and only when the reader wants it: never all of it in memory. */
async function* logPages(journal: Pick<Journal, 'events'>, task: string, lastSeq: number, logger: Logger) {
  try {
    for (let after = 0; after < lastSeq; ) {
      const { events } = await journal.events(task, after, pageEvents)
      const text = events.map(lineOf).join('')
      if (text !== '') yield text
      after = events.at(-1)?.seq ?? lastSeq
    }
  } catch (error) {
    // The answer has begun, so it can only be cut off.
    logger.error({ err: error, task }, 'a log could not be read to its end')
    throw error
  }
}

function lineOf({ type, data }: TaskEvent): string {
  if (type !== 'task.log' || typeof data.text !== 'string') return ''
  return data.text.endsWith('\n') ? data.text : `${data.text}\n`
}
