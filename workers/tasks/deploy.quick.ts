import type { Context } from '../context.ts'
import { type RemoteInput, remoteProperties } from '../deploy/input.ts'
import { type DeployResult, deployResultSchema } from '../deploy/report/result.ts'
import { orgSecrets } from '../salesforce/input.ts'
import { preload } from './sf/family.ts'

interface Input extends RemoteInput {
  readonly validationId: string
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
    required: ['org', 'validationId'],
    additionalProperties: false,
    properties: {
      ...properties,
      validationId: {
        type: 'string',
        pattern: '^0Af[A-Za-z0-9]{12}([A-Za-z0-9]{3})?$',
        description: 'the id in the result of deploy.validate',
      },
    },
  },
  result: deployResultSchema,
  async run(context: Context<Input>): Promise<DeployResult> {
    const { deploy } = await import('../deploy/deploy.ts')
    const { validationId } = context.input
    return deploy(context, {
      ...what,
      begin: async ({ deployments }) => ({ zip: null, submit: () => deployments.quick(validationId) }),
    })
  },
  async cleanup(context: Context<Input>): Promise<void> {
    const { undeploy } = await import('../deploy/deploy.ts')
    await undeploy(context, what)
  },
}
