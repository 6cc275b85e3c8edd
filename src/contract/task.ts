import { OUTCOMES } from '../task/endings.ts'
import { TASK_ERROR_CODES } from '../task/errors.ts'
import type { JsonObject } from '../task/json.ts'
import { STATES } from '../task/states.ts'
import { AnyJson, ConflictRule, closed, KindName, Labels, Moment, nullable, PoolName, TenantName } from './fragments.ts'
import { type Static, Type } from './schema.ts'

const Progress = closed({
  phase: Type.String(),
  percent: nullable(Type.Number()),
  done: Type.Optional(Type.Number()),
  total: Type.Optional(Type.Number()),
  unit: Type.Optional(Type.String()),
  message: Type.Optional(Type.String()),
})

export const ContractError = closed({
  code: Type.String({ description: `${TASK_ERROR_CODES.join(', ')}, or the code of the error that the task threw` }),
  message: Type.String(),
  exitCode: Type.Optional(Type.Integer()),
  signal: Type.Optional(Type.String()),
  lastOutput: Type.Optional(Type.String()),
  details: Type.Optional(
    Type.Unsafe<JsonObject>(
      Type.Object(
        {},
        { description: 'of a limit: `limit`, `reached` and `allowed`; of a silent task what it was doing' },
      ),
    ),
  ),
  retryable: Type.Boolean(),
})

const TaskId = Type.String({ format: 'uuid' })

/** A task as clients see it. */
export const ContractTask = closed(
  {
    id: TaskId,
    tenant: TenantName,
    kind: KindName,
    pool: PoolName,
    state: Type.Enum([...STATES]),
    attempt: Type.Integer({ minimum: 0, description: 'number of the newest attempt, 0 before the first' }),
    input: AnyJson,
    progress: nullable(Progress),
    outcome: nullable(Type.Enum([...OUTCOMES])),
    result: AnyJson,
    error: nullable(ContractError),
    labels: Labels,
    priority: Type.Number(),
    notBefore: nullable(Moment),
    concurrency: nullable(
      closed({ key: Type.String(), limit: Type.Integer(), onConflict: Type.Optional(ConflictRule) }),
    ),
    retryOf: nullable(TaskId),
    parent: nullable(TaskId),
    preemptions: Type.Integer({ description: 'attempts that were ended to make room' }),
    cleaning: nullable(
      Type.Enum(['failed', 'cancelled'], { description: 'the state it will have when its cleanup has ended' }),
    ),
    createdAt: Moment,
    startedAt: nullable(Moment),
    settledAt: nullable(Moment),
    lastSeq: Type.Integer({ description: 'seq of the newest event' }),
    isolation: nullable(Type.Integer({ description: 'isolation level of the newest attempt' })),
    node: nullable(Type.String()),
  },
  'A task as it is now',
)

export type ContractTask = Static<typeof ContractTask>

export const TaskPage = closed({
  items: Type.Array(ContractTask, { description: 'fewer than the limit where they are large' }),
  nextCursor: nullable(Type.String({ description: 'cursor of the next page, null on the last' })),
})

export type TaskPage = Static<typeof TaskPage>
