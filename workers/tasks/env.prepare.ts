import type { Context } from '../context.ts'
import { type EnvInput, type EnvResult, envProperties, envResultSchema } from '../environments/input.ts'
import { orgSecrets } from '../salesforce/input.ts'

/** Makes a scratch org or a sandbox and prepares it, so that other kinds find it under its alias. */
export default {
  kind: 'env.prepare',
  title: 'Prepare a scratch org or a sandbox',
  pool: 'normal',
  secrets: {
    ...orgSecrets,
    made: { reference: 'vault:org/{alias}/session' },
    app: { reference: 'vault:org/{org}/app' },
  },
  stores: { login: 'vault:org/{alias}/login', session: 'vault:org/{alias}/session' },
  concurrency: { key: 'org:{alias}:environment' },
  limits: { runSeconds: 3600 },
  retry: { maxAttempts: 5, backoffSeconds: 10, maxBackoffSeconds: 300 },
  input: { type: 'object', required: ['org', 'alias'], additionalProperties: false, properties: envProperties },
  result: envResultSchema,
  async run(context: Context<EnvInput>): Promise<EnvResult> {
    const { prepareEnvironment } = await import('../environments/prepare.ts')
    return prepareEnvironment(context)
  },
  async cleanup(context: Context<EnvInput>): Promise<void> {
    const { clearUp } = await import('../environments/prepare.ts')
    await clearUp(context)
  },
}
