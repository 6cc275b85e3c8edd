import { type TestInput, testProperties } from '../apex-tests/input.ts'
import { type TestResult, testResultSchema } from '../apex-tests/report.ts'
import type { Context } from '../context.ts'
import { orgSecrets } from '../salesforce/input.ts'

/**
 * Runs Apex tests in an org. They are batch: a suite of hours must not keep others waiting; who runs a handful asks for
 * `"pool": "normal"`.
 */
export default {
  kind: 'apex.test',
  title: 'Run Apex tests',
  pool: 'batch',
  secrets: { ...orgSecrets, git: {} },
  concurrency: { key: 'org:{org}:tests' },
  limits: { runSeconds: 12 * 3600 },
  retry: { maxAttempts: 5, backoffSeconds: 5, maxBackoffSeconds: 300 },
  input: { type: 'object', required: ['org'], additionalProperties: false, properties: testProperties },
  result: testResultSchema,
  async run(context: Context<TestInput>): Promise<TestResult> {
    const { runTests } = await import('../apex-tests/tests.ts')
    return runTests(context)
  },
  async cleanup(context: Context<TestInput>): Promise<void> {
    const { stopTests } = await import('../apex-tests/tests.ts')
    await stopTests(context)
  },
}
