import { KindList } from '../../contract/kinds.ts'
import type { App } from '../app.ts'
import type { ServerDeps } from '../deps.ts'
import { refusals } from './shapes.ts'

export function kindRoutes(app: App, { kinds }: ServerDeps): void {
  app.get(
    '/kinds',
    { schema: { summary: 'List the kinds of task there are', response: { 200: KindList, ...refusals } } },
    async () => ({ items: kinds(), nextCursor: null }),
  )
}
