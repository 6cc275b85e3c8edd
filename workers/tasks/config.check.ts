import type { Context } from '../context.ts'
import { type CheckInput, type CheckResult, checkProperties, checkResultSchema } from '../org-config/input.ts'
import { orgSecrets } from '../salesforce/input.ts'

/** Judges the configuration of an org by rules. At most 15 API calls; each attempt begins anew, which takes seconds. */
export default {
  kind: 'config.check',
  title: 'Check the configuration of an org',
  pool: 'critical',
  secrets: orgSecrets,
  limits: { runSeconds: 600 },
  retry: { maxAttempts: 3, backoffSeconds: 5 },
  input: { type: 'object', required: ['org'], additionalProperties: false, properties: checkProperties },
  result: checkResultSchema,
  async run(context: Context<CheckInput>): Promise<CheckResult> {
    const { checkConfig } = await import('../org-config/check.ts')
    return checkConfig(context)
  },
}
