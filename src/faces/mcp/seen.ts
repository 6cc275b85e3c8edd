import type { ArtifactPage } from '../../contract/artifact.ts'
import { ContractArtifact } from '../../contract/artifact.ts'
import { AnyJson, closed } from '../../contract/fragments.ts'
import { type Static, Type } from '../../contract/schema.ts'
import { ContractTask } from '../../contract/task.ts'
import type { State } from '../../task/states.ts'
import { cut } from './text.ts'

const { properties } = ContractTask

/** A task as an agent sees it: what it was given stays out of conversations, which are kept who knows where. */
export const SeenTask = closed(
  {
    id: properties.id,
    kind: properties.kind,
    pool: properties.pool,
    state: properties.state,
    attempt: properties.attempt,
    progress: properties.progress,
    outcome: properties.outcome,
    error: properties.error,
    labels: properties.labels,
    notBefore: properties.notBefore,
    retryOf: properties.retryOf,
    createdAt: properties.createdAt,
    startedAt: properties.startedAt,
    settledAt: properties.settledAt,
    result: Type.Optional(AnyJson),
    artifacts: Type.Optional(Type.Array(ContractArtifact, { description: 'files that it kept' })),
    next: Type.String({ description: 'what to do now' }),
  },
  'A task as it is now, without its input',
)

export type SeenTask = Static<typeof SeenTask>

/** Longer results would fill a conversation. */
export const mostResultBytes = 64 * 1024

const mostSentenceCharacters = 2_000

/** A task as it is now, without its result. */
export function toSeen(task: ContractTask): SeenTask {
  const { id, kind, pool, state, attempt, progress, outcome, error, labels, notBefore, retryOf } = task
  const { createdAt, startedAt, settledAt } = task
  return {
    id,
    kind,
    pool,
    state,
    attempt,
    progress: progress && brief(progress),
    outcome,
    error: error && { ...error, message: cut(error.message, mostSentenceCharacters) },
    labels,
    notBefore,
    retryOf,
    createdAt,
    startedAt,
    settledAt,
    next: nextSteps[state],
  }
}

/** A task that has ended, with its result where that is not too long, and the files that it kept. */
export function toSeenAtEnd(task: ContractTask, artifacts: ArtifactPage['items']): SeenTask {
  const seen = toSeen(task)
  const bytes = Buffer.byteLength(JSON.stringify(task.result))
  const files =
    artifacts.length === 0 ? '' : `; GET /v1/tasks/${task.id}/artifacts/NAME has a file, with a / in its name as %2F`
  if (bytes > mostResultBytes) {
    const next = `its result has ${bytes} bytes, too many to be shown: GET /v1/tasks/${task.id} has it${files}`
    return { ...seen, artifacts, next }
  }
  return { ...seen, result: task.result, artifacts, next: `${atEnd[task.state] ?? seen.next}${files}` }
}

function brief(progress: NonNullable<ContractTask['progress']>): NonNullable<ContractTask['progress']> {
  const { phase, message } = progress
  return {
    ...progress,
    phase: cut(phase, mostSentenceCharacters),
    ...(message !== undefined && { message: cut(message, mostSentenceCharacters) }),
  }
}

const nextSteps: Readonly<Record<State, string>> = {
  queued: 'it waits for its turn: task_wait waits for its end, task_explain says what holds it back',
  starting: 'it starts: task_wait waits for its end',
  running: 'it runs: task_wait waits for its end, task_logs shows what it says, task_cancel ends it',
  settling: 'its attempt has ended and is tidied up: task_wait waits for what becomes of it',
  succeeded: 'it has succeeded: task_result has its result and the files that it kept',
  failed: 'it has failed: error says why, task_logs what it said; task_submit asks for it again',
  cancelled: 'it was cancelled: task_submit asks for it again',
}

const atEnd: Readonly<Partial<Record<State, string>>> = { succeeded: 'it has succeeded, and this is all of its result' }
