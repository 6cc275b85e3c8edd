import { basename } from 'node:path'
import { ArtifactPage } from '../../contract/artifact.ts'
import { closed } from '../../contract/fragments.ts'
import { toMoment } from '../../contract/present.ts'
import { Type } from '../../contract/schema.ts'
import { Refusal } from '../../task/errors.ts'
import type { App } from '../app.ts'
import type { ServerDeps } from '../deps.ts'
import { findTask } from '../lookup.ts'
import { ById, refusals } from './shapes.ts'

const ByIdAndName = closed({ id: Type.String(), name: Type.String({ description: 'with "/" written as %2F' }) })

export function artifactRoutes(app: App, { journal, artifacts }: ServerDeps): void {
  app.get(
    '/tasks/:id/artifacts',
    { schema: { summary: 'List what a task kept', params: ById, response: { 200: ArtifactPage, ...refusals } } },
    async (request): Promise<ArtifactPage> => {
      const { id } = await findTask(journal, request.caller.tenant, request.params.id)
      const items = await journal.artifacts(id)
      return { items: items.map(({ file: _, at, ...seen }) => ({ ...seen, at: toMoment(at) })) }
    },
  )

  app.get(
    '/tasks/:id/artifacts/:name',
    {
      schema: {
        summary: 'Download what a task kept',
        params: ByIdAndName,
        produces: ['application/octet-stream'],
        response: { 200: Type.String({ format: 'binary' }), ...refusals },
      },
    },
    async (request, reply) => {
      const { id } = await findTask(journal, request.caller.tenant, request.params.id)
      const { name } = request.params
      const found = (await journal.artifacts(id)).find((artifact) => artifact.name === name)
      const bytes = found && (await artifacts.read(id, found.file))
      if (!found || !bytes) throw new Refusal('NOT_FOUND', 'the task has no artifact of this name: list them first')
      return reply.headers(headersOf(found)).type(found.contentType).send(bytes)
    },
  )
}

/** Whatever a task wrote must not run in the page of who looks at it. */
function headersOf({ name, bytes, sha256 }: { name: string; bytes: number; sha256: string }) {
  return {
    'content-length': bytes,
    'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(basename(name)).replace(/['()*]/g, '_')}`,
    'x-content-type-options': 'nosniff',
    'content-security-policy': 'sandbox',
    etag: `"${sha256}"`,
  }
}
