import { closed, KindName, nullable, PoolName } from './fragments.ts'
import { type Static, Type } from './schema.ts'

const Seconds = Type.Number({ description: 'seconds' })

/** A kind as clients see it: what it takes, and what its tasks get that ask for nothing else. */
export const ContractKind = closed({
  kind: KindName,
  title: nullable(Type.String()),
  pool: PoolName,
  input: Type.Unsafe<Readonly<Record<string, unknown>>>(Type.Object({}, { description: 'JSON schema of the input' })),
  result: nullable(
    Type.Unsafe<Readonly<Record<string, unknown>>>(Type.Object({})),
    'JSON schema of the result, null where the kind says nothing of it',
  ),
  secrets: nullable(
    Type.Record(
      Type.String(),
      closed({
        required: Type.Boolean(),
        reference: nullable(
          Type.String(),
          'where it is when a request does not say, with {member} for what the input says there; null: nowhere',
        ),
      }),
      { description: 'null: it takes any' },
    ),
  ),
  stores: Type.Record(Type.String(), Type.String(), {
    description: 'the secrets that its tasks may store, and where, with {member} for what the input says there',
  }),
  concurrency: nullable(
    closed({ key: Type.String(), limit: Type.Integer() }),
    'the concurrency key that all its tasks have, with {member} for what the input says there; null: what a request says',
  ),
  limits: closed({
    runSeconds: Seconds,
    silenceSeconds: Seconds,
    cpuSeconds: nullable(Seconds, 'null: no limit'),
    memoryMiB: Type.Integer(),
    outputMiB: Type.Integer(),
    workspaceMiB: Type.Integer(),
    fileMiB: nullable(Type.Integer(), 'null: as much as workspaceMiB'),
    openFiles: Type.Integer(),
    processes: Type.Integer(),
  }),
  workspace: Type.Enum(['disk', 'memory'], { description: 'where its tasks have their files' }),
  retry: closed({ maxAttempts: Type.Integer(), backoffSeconds: Seconds, maxBackoffSeconds: Seconds }),
  directory: nullable(
    Type.String(),
    'the directory of their tenant that its tasks share with those of other kinds that name it; null: none',
  ),
  cleanup: Type.Boolean({ description: 'it undoes what a failed or cancelled task had begun' }),
  hash: nullable(Type.String({ description: 'SHA-256 of its module, in hex' })),
})

export type ContractKind = Static<typeof ContractKind>

export const KindList = closed({ items: Type.Array(ContractKind), nextCursor: Type.Null() })

export type KindList = Static<typeof KindList>
