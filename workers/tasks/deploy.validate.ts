import type { Context } from '../context.ts'
import { type DeployInput, deployProperties, replacementSecrets } from '../deploy/input.ts'
import { type DeployResult, deployResultSchema } from '../deploy/report/result.ts'
import { orgSecrets } from '../salesforce/input.ts'
import { preload } from './sf/family.ts'

const what = { name: 'validation', checkOnly: true } as const

/** Has an org check what a deployment would do, tests and all, and changes nothing there. */
export default {
  kind: 'deploy.validate',
  title: 'Validate a deployment',
  pool: 'normal',
  preload,
  secrets: { ...orgSecrets, git: {}, ...replacementSecrets },
  directory: 'orgs',
  concurrency: { key: 'org:{org}:deploy' },
  limits: { runSeconds: 8 * 3600, memoryMiB: 1024 },
  retry: { maxAttempts: 5, backoffSeconds: 5, maxBackoffSeconds: 300 },
  input: { type: 'object', required: ['org'], additionalProperties: false, properties: deployProperties },
  result: deployResultSchema,
  async run(context: Context<DeployInput>): Promise<DeployResult> {
    const [{ deploy }, { beginFromSources }] = await Promise.all([
      import('../deploy/deploy.ts'),
      import('../deploy/sources.ts'),
    ])
    return deploy(context, { ...what, begin: (tools) => beginFromSources(tools, true) })
  },
  async cleanup(context: Context<DeployInput>): Promise<void> {
    const { undeploy } = await import('../deploy/deploy.ts')
    await undeploy(context, what)
  },
}
