import type { Context } from '../context.ts'
import type { BulkQuery, BulkQueryState } from '../salesforce/bulk/query.ts'
import { apiUsageSchema, type OrgInput, orgProperties, orgSecrets } from '../salesforce/input.ts'

interface Input extends OrgInput, Omit<BulkQuery, 'file'> {}

const count = { type: 'integer', minimum: 0 }

/** Queries any number of rows into a CSV file. */
export default {
  kind: 'bulk.query',
  title: 'Query many rows of an org',
  pool: 'batch',
  input: {
    type: 'object',
    required: ['org', 'soql'],
    additionalProperties: false,
    properties: {
      ...orgProperties,
      soql: { type: 'string', minLength: 1, maxLength: 100_000 },
      operation: { enum: ['query', 'queryAll'], description: 'queryAll: deleted and archived rows, too' },
      columnDelimiter: { enum: ['COMMA', 'SEMICOLON', 'TAB', 'PIPE', 'CARET', 'BACKQUOTE'] },
      pageRecords: { type: 'integer', minimum: 1, maximum: 1_000_000, description: 'rows fetched at a time; 50000' },
      parallelPages: {
        type: 'integer',
        minimum: 1,
        maximum: 5,
        description: 'pages fetched side by side, from API version 58 on; one after the other when left out',
      },
      compress: { type: 'boolean', description: 'whether rows come packed; true when left out' },
      saveSeconds: {
        type: 'number',
        minimum: 0,
        maximum: 600,
        description: 'seconds of fetching that a kill may cost; 5',
      },
      maxRows: { ...count, description: 'fails, before anything is fetched, when there are more' },
    },
  },
  result: {
    type: 'object',
    required: ['way', 'jobId', 'records', 'bytes', 'pages', 'apiUsage'],
    additionalProperties: false,
    properties: {
      way: { enum: ['bulk', 'rest'], description: 'rest where the Bulk API cannot: aggregates, OFFSET, child queries' },
      jobId: { type: ['string', 'null'] },
      records: count,
      bytes: { ...count, description: 'of the artifact rows.csv' },
      pages: count,
      apiUsage: apiUsageSchema,
    },
  },
  secrets: orgSecrets,
  limits: { runSeconds: 43_200, silenceSeconds: 3_600, workspaceMiB: 20_480 },
  retry: { maxAttempts: 5, backoffSeconds: 10, maxBackoffSeconds: 300 },
  async run(context: Context<Input>) {
    const [{ openOrg }, { queryToFile }] = await Promise.all([
      import('../salesforce/org.ts'),
      import('../salesforce/bulk/to-file.ts'),
    ])
    const org = await openOrg(context, versionOf(context))
    const file = `${context.kept}/rows.csv`
    const done = await queryToFile(context, org, { ...context.input, file })
    await context.artifact('rows.csv', file, { contentType: 'text/csv', move: true })
    context.log.info(`org ${org.alias}: ${done.records} rows, ${done.bytes} bytes: artifact rows.csv`)
    return { ...done, apiUsage: org.apiUsage }
  },
  async cleanup(context: Context<Input>) {
    const [{ openOrg }, { stopQuery }] = await Promise.all([
      import('../salesforce/org.ts'),
      import('../salesforce/bulk/to-file.ts'),
    ])
    if (context.checkpoint === null) return
    const org = await openOrg(context, { ...versionOf(context), isCleanup: true })
    await stopQuery(context, org, context.input)
  },
}

/** As when the job was made. */
function versionOf({ checkpoint }: Context<Input>) {
  const { apiVersion } = (checkpoint ?? {}) as Partial<BulkQueryState>
  return apiVersion === undefined ? {} : { apiVersion }
}
