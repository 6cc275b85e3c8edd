import type { Context } from '../context.ts'
import { type DeployInput, deployProperties, replacementSecrets } from '../deploy/input.ts'
import { type DeployResult, deployResultSchema } from '../deploy/report/result.ts'
import { orgSecrets } from '../salesforce/input.ts'
import { preload } from './sf/family.ts'

const what = { name: 'deployment', checkOnly: false } as const

/** Deploys a project or a package to an org. */
export default {
  kind: 'deploy.run',
  title: 'Deploy',
  pool: 'normal',
  preload,
  secrets: { ...orgSecrets, git: {}, ...replacementSecrets },
  directory: 'orgs',
  concurrency: { key: 'org:{org}:deploy' },
  limits: { runSeconds: 8 * 3600, memoryMiB: 1024 },
  retry: { maxAttempts: 5, backoffSeconds: 5, maxBackoffSeconds: 300 },
  input: {
    type: 'object',
    required: ['org'],
    additionalProperties: false,
    properties: {
      ...deployProperties,
      rollbackOnError: {
        type: 'boolean',
        description: 'all or nothing, which is so when left out; production orgs allow nothing else',
      },
    },
  },
  result: deployResultSchema,
  async run(context: Context<DeployInput>): Promise<DeployResult> {
    const [{ deploy }, { beginFromSources }] = await Promise.all([
      import('../deploy/deploy.ts'),
      import('../deploy/sources.ts'),
    ])
    return deploy(context, { ...what, begin: (tools) => beginFromSources(tools, false) })
  },
  async cleanup(context: Context<DeployInput>): Promise<void> {
    const { undeploy } = await import('../deploy/deploy.ts')
    await undeploy(context, what)
  },
}
