import type { Context } from '../context.ts'
import type { KeepInput, KeepResult } from '../salesforce/auth/keep.ts'
import { alias, loginProperties, orgSecrets } from '../salesforce/input.ts'

const seconds = (minimum: number, maximum: number, description: string) => ({
  type: 'number',
  minimum,
  maximum,
  description,
})

/**
 * Renews the session of an org once, before it ends. A schedule has it begin again whenever it is over; while it waits
 * it has no process. An org that gives no session any more fails one task, and is asked again every hour.
 */
export default {
  kind: 'auth.keep',
  title: 'Renew the session of an org before it ends',
  pool: 'critical',
  input: {
    type: 'object',
    required: ['org'],
    additionalProperties: false,
    properties: {
      org: alias,
      ...loginProperties,
      aheadSeconds: seconds(0, 86_400, 'how long before its end; a tenth of its life, and 300 at least, when left out'),
      retrySeconds: seconds(0.01, 86_400, 'until an org is asked again that gave no session; 3600 when left out'),
    },
  },
  result: {
    type: 'object',
    required: ['renewed', 'expiresAtMs', 'refusal'],
    additionalProperties: false,
    properties: {
      renewed: { type: 'boolean', description: 'false: another task was faster, or there is nothing to renew' },
      expiresAtMs: {
        type: ['integer', 'null'],
        description: 'milliseconds since 1970, UTC; null when nothing is known',
      },
      refusal: {
        type: ['string', 'null'],
        description: 'why there is no session, where an earlier task failed with it',
      },
    },
  },
  secrets: orgSecrets,
  directory: 'orgs',
  concurrency: { key: 'org:{org}:keep' },
  limits: { runSeconds: 120 },
  async run(context: Context<KeepInput>): Promise<KeepResult> {
    const { keepFresh } = await import('../salesforce/auth/keep.ts')
    return keepFresh(context)
  },
}
