import type { Context } from '../context.ts'
import type { Ingest } from '../salesforce/bulk/ingest.ts'
import { apiUsageSchema, type OrgInput, orgProperties, orgSecrets } from '../salesforce/input.ts'

interface Input extends OrgInput, Ingest {
  /** The CSV. */
  readonly upload: string
  readonly failOn?: 'any' | 'all' | 'never'
}

const count = { type: 'integer', minimum: 0 }
const name = { type: 'string', pattern: '^[A-Za-z][A-Za-z0-9_]{0,79}$' }

/** Inserts, updates, upserts or deletes any number of rows, from a CSV file. */
export default {
  kind: 'bulk.ingest',
  title: 'Put many rows into an org',
  pool: 'batch',
  input: {
    type: 'object',
    required: ['org', 'object', 'operation', 'upload'],
    additionalProperties: false,
    properties: {
      ...orgProperties,
      object: { ...name, description: 'API name of the object' },
      operation: { enum: ['insert', 'update', 'upsert', 'delete', 'hardDelete'] },
      externalIdField: { ...name, description: 'for upsert: the field by which rows are found' },
      upload: { type: 'string', format: 'upload', description: 'the id of an upload: the CSV, with a header' },
      columnDelimiter: { enum: ['COMMA', 'SEMICOLON', 'TAB', 'PIPE', 'CARET', 'BACKQUOTE'] },
      assignmentRuleId: { type: 'string', pattern: '^[a-zA-Z0-9]{15}([a-zA-Z0-9]{3})?$' },
      chunkBytes: { type: 'integer', minimum: 50, maximum: 100_000_000, description: 'of one job; 90000000' },
      retryFailed: {
        type: 'object',
        required: ['times'],
        additionalProperties: false,
        properties: {
          times: { type: 'integer', minimum: 0, maximum: 10 },
          codes: { type: 'array', maxItems: 50, items: { type: 'string', minLength: 3, maxLength: 80 } },
        },
        description: 'rows that failed for a lock, or with one of these codes, are tried again in smaller jobs; twice',
      },
      failOn: { enum: ['any', 'all', 'never'], description: 'failed rows with which the task fails; all' },
    },
  },
  result: {
    type: 'object',
    required: ['jobs', 'succeeded', 'failed', 'retried', 'apiUsage'],
    additionalProperties: false,
    properties: {
      jobs: { ...count, description: 'of the Bulk API' },
      succeeded: { ...count, description: 'rows; successful.csv has them with their ids, in no order' },
      failed: { ...count, description: 'rows; failed.csv has them with their errors' },
      retried: { ...count, description: 'rows that were put in once more' },
      apiUsage: apiUsageSchema,
    },
  },
  secrets: orgSecrets,
  limits: { runSeconds: 43_200, silenceSeconds: 3_600, workspaceMiB: 20_480 },
  retry: { maxAttempts: 5, backoffSeconds: 10, maxBackoffSeconds: 300 },
  async run(context: Context<Input>) {
    const { ingestUpload } = await import('../salesforce/bulk/from-upload.ts')
    return ingestUpload(context)
  },
  async cleanup(context: Context<Input>) {
    const { stopIngest } = await import('../salesforce/bulk/from-upload.ts')
    await stopIngest(context)
  },
}
