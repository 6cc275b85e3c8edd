import {
  AnyJson,
  ConcurrencyKey,
  ConflictRule,
  closed,
  count,
  IdempotencyKey,
  KindName,
  Labels,
  Moment,
  PoolName,
  Reason,
  SealedText,
  SecretName,
  seconds,
} from './fragments.ts'
import { TaskLimits } from './limits.ts'
import { type Static, Type } from './schema.ts'

const daySeconds = 86_400
const yearSeconds = 365 * daySeconds
const { properties: limits } = TaskLimits

const SecretReferences = Type.Record(
  SecretName,
  Type.Union([
    Type.String({ minLength: 1, maxLength: 512, description: 'where the secret is, such as vault:NAME' }),
    closed({ sealed: SealedText }, 'a value for this task alone, which is deleted when the task ends'),
  ]),
  { maxProperties: 32, additionalProperties: false },
)

/** What a client may ask for. Whatever is left out is the kind's or the tenant's to say. */
export const TaskRequest = closed(
  {
    kind: KindName,
    input: AnyJson,
    pool: Type.Optional(PoolName),
    priority: Type.Optional(seconds(-3600, 3600)),
    notBefore: Type.Optional(Moment),
    ttlSeconds: Type.Optional(seconds(0.1, yearSeconds)),
    concurrency: Type.Optional(
      closed({ key: ConcurrencyKey, limit: Type.Optional(count(1, 1000)), onConflict: Type.Optional(ConflictRule) }),
    ),
    secrets: Type.Optional(SecretReferences),
    retry: Type.Optional(
      closed({
        maxAttempts: Type.Optional(count(1, 100)),
        backoffSeconds: Type.Optional(seconds(0, daySeconds)),
        maxBackoffSeconds: Type.Optional(seconds(0, 7 * daySeconds)),
      }),
    ),
    limits: Type.Optional(
      closed({
        runSeconds: Type.Optional(limits.runSeconds),
        silenceSeconds: Type.Optional(limits.silenceSeconds),
        cpuSeconds: Type.Optional(limits.cpuSeconds),
        memoryMiB: Type.Optional(limits.memoryMiB),
        outputMiB: Type.Optional(limits.outputMiB),
        workspaceMiB: Type.Optional(limits.workspaceMiB),
        fileMiB: Type.Optional(limits.fileMiB),
        openFiles: Type.Optional(limits.openFiles),
        processes: Type.Optional(limits.processes),
      }),
    ),
    labels: Type.Optional(Labels),
  },
  'A request for work',
)

export type TaskRequest = Static<typeof TaskRequest>

/** The headers of a submission that mean something to it; others are let through. */
export const SubmissionHeaders = Type.Object({ 'idempotency-key': Type.Optional(IdempotencyKey) })

export const CancelRequest = closed({ reason: Type.Optional(Reason) })

export type CancelRequest = Static<typeof CancelRequest>

export const RetryRequest = closed({
  debug: Type.Optional(Type.Boolean({ description: 'keep the lines that it logs at debug level' })),
})

export type RetryRequest = Static<typeof RetryRequest>
