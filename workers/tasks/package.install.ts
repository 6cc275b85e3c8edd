import type { Context } from '../context.ts'
import {
  type InstallInput,
  type InstallResult,
  installProperties,
  installResultSchema,
  KEY_SECRETS,
} from '../packages/input.ts'
import { orgSecrets } from '../salesforce/input.ts'

/** Installs package versions in an org, one after the other. */
export default {
  kind: 'package.install',
  title: 'Install packages',
  pool: 'normal',
  secrets: { ...orgSecrets, ...Object.fromEntries(KEY_SECRETS.map((name) => [name, {}])) },
  concurrency: { key: 'org:{org}:setup' },
  limits: { runSeconds: 12 * 3600 },
  retry: { maxAttempts: 5, backoffSeconds: 10, maxBackoffSeconds: 300 },
  input: {
    type: 'object',
    required: ['org', 'packages'],
    additionalProperties: false,
    properties: installProperties,
  },
  result: installResultSchema,
  async run(context: Context<InstallInput>): Promise<InstallResult> {
    const { installPackages } = await import('../packages/install.ts')
    return installPackages(context)
  },
  async cleanup(context: Context<InstallInput>): Promise<void> {
    const { followInstallation } = await import('../packages/install.ts')
    await followInstallation(context)
  },
}
