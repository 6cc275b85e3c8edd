import type { IncomingMessage } from 'node:http'
import { ContractUpload } from '../../contract/upload.ts'
import type { App } from '../app.ts'
import type { ServerDeps } from '../deps.ts'
import { refusals } from './shapes.ts'

/** Whoever is refused while still sending gets so long to read the answer and stop. */
const stopMs = 5_000

/** To be registered in a scope of its own: here bodies are not read as JSON, whatever they say they are. */
export function uploadRoutes(app: App, { receiveUpload, clock }: ServerDeps): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _body, done) => done(null))
  app.post(
    '/uploads',
    {
      config: { takesLong: true },
      schema: {
        summary: 'Send bytes for tasks to use: an archive, a table, anything',
        consumes: ['application/octet-stream'],
        response: { 201: ContractUpload, ...refusals },
      },
    },
    async (request, reply) => {
      const { raw, headers, caller } = request
      try {
        const announced = Number(headers['content-length'] ?? 0)
        const { id, bytes, sha256 } = await receiveUpload(caller.tenant, chunksOf(raw), announced)
        return await reply.code(201).send({ id, bytes, sha256 })
      } finally {
        const stop = clock.after(stopMs, () => raw.destroy())
        raw.once('close', stop)
        if (raw.readableEnded) stop()
        // Many clients read the answer only when they have sent everything: it is let through, to nobody.
        else raw.resume()
      }
    },
  )
}

/** Not destroyed when nobody reads on: the connection is needed for the answer. */
function chunksOf(request: IncomingMessage): AsyncIterable<Uint8Array> {
  return request.iterator({ destroyOnReturn: false })
}
