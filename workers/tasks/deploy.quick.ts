import type { Context } from '../context.ts'
import { type RemoteInput, remoteProperties } from '../deploy/input.ts'
import { type DeployResult, deployResultSchema } from '../deploy/report/result.ts'
import { orgSecrets } from '../salesforce/input.ts'
import type { Org } from '../salesforce/org.ts'
import { preload } from './sf/family.ts'

interface Input extends RemoteInput {
  readonly validationId?: string
  readonly fromTask?: string
}

const what = { name: 'quick deployment', checkOnly: false } as const
const { coverage: _, ...properties } = remoteProperties

/** Makes a validation of the last ten days real: what was checked then, without its tests again. */
export default {
  kind: 'deploy.quick',
  title: 'Deploy what was validated',
  pool: 'normal',
  preload,
  secrets: orgSecrets,
  directory: 'orgs',
  concurrency: { key: 'org:{org}:deploy' },
  limits: { runSeconds: 4 * 3600 },
  retry: { maxAttempts: 5, backoffSeconds: 5, maxBackoffSeconds: 300 },
  input: {
    type: 'object',
    required: ['org'],
    additionalProperties: false,
    properties: {
      ...properties,
      validationId: {
        type: 'string',
        pattern: '^0Af[A-Za-z0-9]{12}([A-Za-z0-9]{3})?$',
        description: 'the id in the result of deploy.validate',
      },
      fromTask: {
        type: 'string',
        pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$',
        description: 'the task that validated it, in place of its validationId',
      },
    },
  },
  result: deployResultSchema,
  async run(context: Context<Input>): Promise<DeployResult> {
    const { deploy } = await import('../deploy/deploy.ts')
    return deploy(context, {
      ...what,
      async begin({ deployments, org }) {
        const validation = await validationIn(context, org)
        return { zip: null, submit: () => deployments.quick(validation) }
      },
    })
  },
  async cleanup(context: Context<Input>): Promise<void> {
    const { undeploy } = await import('../deploy/deploy.ts')
    await undeploy(context, what)
  },
}

async function validationIn(context: Context<Input>, org: Org): Promise<string> {
  const { validationId, fromTask } = context.input
  if (validationId !== undefined && fromTask === undefined) return validationId
  const { validationOf } = await import('../deploy/validations.ts')
  if (fromTask !== undefined && validationId === undefined) return validationOf(context, fromTask, org)
  const { FatalError } = await import('../errors/steering.ts')
  throw new FatalError('deploy.quick needs either validationId or fromTask: give one of them', {
    code: 'INVALID_INPUT',
  })
}
