import { Explanation } from '../../contract/explanation.ts'
import type { App } from '../app.ts'
import type { ServerDeps } from '../deps.ts'
import { checkedId } from '../lookup.ts'
import { ById, refusals } from './shapes.ts'

export function explainRoute(app: App, { explain }: ServerDeps): void {
  app.get(
    '/tasks/:id/explain',
    {
      schema: {
        summary: 'Say why a task waits, for how long still, and how long it waited',
        params: ById,
        response: { 200: Explanation, ...refusals },
      },
    },
    async ({ caller, params }) => explain(caller.tenant, checkedId(params.id)),
  )
}
