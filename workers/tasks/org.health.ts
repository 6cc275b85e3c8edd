import type { Context } from '../context.ts'
import { invalidInput } from '../errors/steering.ts'
import type { Health, LookInput } from '../salesforce/health/look.ts'
import { alias, orgProperties, orgSecrets } from '../salesforce/input.ts'
import { webhookName } from '../webhook/name.ts'

interface Input extends Partial<LookInput> {
  readonly orgs?: readonly string[]
}

interface Result {
  readonly orgs: readonly Health[]
  /** How many orgs are in each status. */
  readonly statuses: Readonly<Record<string, number>>
}

/** Looks whether orgs let us in and how much of their limits is used. An org that is ill is a result, not a failure. */
export default {
  kind: 'org.health',
  title: 'Look at the health of orgs',
  pool: 'critical',
  input: {
    type: 'object',
    additionalProperties: false,
    minProperties: 1,
    properties: {
      ...orgProperties,
      orgs: { type: 'array', minItems: 1, maxItems: 200, uniqueItems: true, items: alias },
      checks: {
        type: 'array',
        items: { enum: ['auth', 'limits', 'maintenance', 'packages'] },
        description: 'beside auth, whether it lets us in, which is always looked at; limits when left out',
      },
      notify: { ...webhookName, description: `told of each change by webhook.send: ${webhookName.description}` },
      statusUrl: {
        type: 'string',
        maxLength: 500,
        description: 'where Salesforce tells of maintenance; https://api.status.salesforce.com when left out',
      },
    },
  },
  result: {
    type: 'object',
    required: ['orgs', 'statuses'],
    additionalProperties: false,
    properties: {
      orgs: { type: 'array', items: { type: 'object', required: ['org', 'status', 'since', 'changed'] } },
      statuses: { type: 'object', additionalProperties: { type: 'integer' } },
    },
  },
  secrets: orgSecrets,
  directory: 'orgs',
  limits: { runSeconds: 300 },
  retry: { maxAttempts: 2 },
  async run(context: Context<Input>): Promise<Result> {
    const { org, orgs } = context.input
    if ((org === undefined) === (orgs === undefined)) throw invalidInput('give one of org and orgs')
    if (orgs) return resultOf(await ofChildren(context, orgs))
    context.progress({ phase: 'looking', percent: null })
    const { lookAt } = await import('../salesforce/health/look.ts')
    return resultOf([await lookAt(context as Context<Input & LookInput>)])
  },
}

/** A task for each org: one that does not answer holds up no other. */
async function ofChildren(context: Context<Input>, orgs: readonly string[]): Promise<Health[]> {
  const { org: _org, orgs: _orgs, ...input } = context.input
  const known = await context.children()
  if (known.length < orgs.length) {
    for (const org of orgs) await context.submit(`org:${org}`, { kind: 'org.health', input: { ...input, org } })
    context.suspend({ children: true, checkpoint: null })
  }
  return known.flatMap(({ key, result, error, state }) => {
    const [health] = (result as unknown as Result | null)?.orgs ?? []
    if (!health) context.log.error(`${key} could not be looked at: ${error?.message ?? state}`)
    return health ?? []
  })
}

function resultOf(orgs: readonly Health[]): Result {
  const statuses: Record<string, number> = {}
  for (const { status } of orgs) statuses[status] = (statuses[status] ?? 0) + 1
  return { orgs, statuses }
}
