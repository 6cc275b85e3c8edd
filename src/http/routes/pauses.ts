import { ContractPause, PauseList, PauseRequest } from '../../contract/pause.ts'
import { toMoment } from '../../contract/present.ts'
import { Type } from '../../contract/schema.ts'
import type { PauseRecord } from '../../journal/pauses.ts'
import type { App } from '../app.ts'
import type { ServerDeps } from '../deps.ts'
import { ById, refusals } from './shapes.ts'

export function pauseRoutes(app: App, { pauses }: ServerDeps): void {
  app.get(
    '/pauses',
    { schema: { summary: 'List what is not started', response: { 200: PauseList, ...refusals } } },
    async ({ caller }) => ({ items: pauses.list(caller).map(toContractPause), nextCursor: null }),
  )

  app.post(
    '/pauses',
    {
      schema: {
        summary: 'Stop starting the tasks that match',
        body: PauseRequest,
        response: { 201: ContractPause, ...refusals },
      },
    },
    async ({ caller, body }, reply) => reply.code(201).send(toContractPause(await pauses.create(caller, body))),
  )

  app.delete(
    '/pauses/:id',
    { schema: { summary: 'Go on', params: ById, response: { 204: Type.Null(), ...refusals } } },
    async ({ caller, params }, reply) => {
      await pauses.remove(caller, params.id)
      return reply.code(204).send()
    },
  )
}

function toContractPause(pause: PauseRecord): ContractPause {
  return { ...pause, createdAt: toMoment(pause.createdAt) }
}
