/**
 * Tasks of the protocol, one to one the tasks of the server: the same ids, nothing kept here. The SDK's own handlers want
 * a store that takes states and results, while ours come about at the server; so these ask the server instead.
 */
import type { Server } from '@modelcontextprotocol/sdk/server/index.js'
import {
  CancelTaskRequestSchema,
  ErrorCode,
  GetTaskPayloadRequestSchema,
  GetTaskRequestSchema,
  ListTasksRequestSchema,
  type Task as ProtocolTask,
  RELATED_TASK_META_KEY,
} from '@modelcontextprotocol/sdk/types.js'
import type { Mayfly } from '../../client/client.ts'
import { MayflyError } from '../../client/errors.ts'
import type { ContractTask } from '../../contract/task.ts'
import { isTerminal, type State } from '../../task/states.ts'
import { callOf, type Serving } from './call.ts'
import { ProtocolError, sentenceOf } from './errors.ts'
import { wordsFor } from './progress.ts'
import type { Call } from './tool.ts'
import { atEnd } from './tools/look.ts'
import { untilEnded } from './wait.ts'

const pollMs = 1_000
const pageTasks = 50
/** As long as a task usually has to end when it is asked to, and well below the minute after which clients give up. */
const cancelSeconds = 25

export function answerTasks(server: Server, serving: Serving): void {
  const { client, onFault } = serving
  const orRefuse = <T>(work: Promise<T>): Promise<T> => work.catch((error) => refuse(error, onFault))

  server.setRequestHandler(GetTaskRequestSchema, ({ params }, { signal }) =>
    orRefuse(client.get(params.taskId, { signal }).then((task) => toProtocolTask(task, client))),
  )
  server.setRequestHandler(GetTaskPayloadRequestSchema, ({ params }, extra) =>
    orRefuse(resultOf(params.taskId, callOf(serving, extra))),
  )
  server.setRequestHandler(ListTasksRequestSchema, ({ params }, { signal }) =>
    orRefuse(pageOf(client, params?.cursor, signal)),
  )
  server.setRequestHandler(CancelTaskRequestSchema, ({ params }, extra) =>
    orRefuse(cancelled(params.taskId, callOf(serving, extra)).then((task) => toProtocolTask(task, client))),
  )
}

const statuses: Readonly<Record<State, ProtocolTask['status']>> = {
  queued: 'working',
  starting: 'working',
  running: 'working',
  settling: 'working',
  succeeded: 'completed',
  failed: 'failed',
  cancelled: 'cancelled',
}

/** A task as the protocol tells of it: kept for as long as the server keeps those that have ended. */
export async function toProtocolTask(task: ContractTask, client: Mayfly): Promise<ProtocolTask> {
  const keptMs = await keptMsOf(client)
  return protocolTask(task, keptMs)
}

function protocolTask(task: ContractTask, keptMs: number | null): ProtocolTask {
  const { id, state, createdAt, startedAt, settledAt } = task
  const age = (settledAt === null ? Date.now() : Date.parse(settledAt)) - Date.parse(createdAt)
  return {
    taskId: id,
    status: statuses[state],
    statusMessage: wordsFor(task),
    createdAt,
    lastUpdatedAt: settledAt ?? startedAt ?? createdAt,
    ttl: keptMs === null ? null : Math.max(0, age) + keptMs,
    pollInterval: pollMs,
  }
}

/** Null where the server does not say. */
async function keptMsOf(client: Mayfly): Promise<number | null> {
  const { retainSeconds } = await client.ready()
  return retainSeconds === undefined ? null : retainSeconds * 1000
}

/** Waits for the end. What a call as a task results in is what there is to know of its task then. */
async function resultOf(id: string, call: Call) {
  const task = await untilEnded(id, Number.POSITIVE_INFINITY, call)
  if (!isTerminal(task.state)) throw new MayflyError('STOPPING', 'the server stops: ask again in a moment')
  const seen = await atEnd(task, call)
  return {
    content: [{ type: 'text' as const, text: JSON.stringify(seen) }],
    structuredContent: seen,
    isError: task.state !== 'succeeded',
    _meta: { [RELATED_TASK_META_KEY]: { taskId: id } },
  }
}

async function pageOf(client: Mayfly, cursor: string | undefined, signal: AbortSignal) {
  const keptMs = await keptMsOf(client)
  const page = await client.page({ limit: pageTasks, ...(cursor !== undefined && { cursor }) }, { signal })
  const tasks = page.items.map((task) => protocolTask(task, keptMs))
  return { tasks, ...(page.nextCursor !== null && { nextCursor: page.nextCursor }) }
}

/** A task that runs is asked to end, which it may take its time for: then it still works, and says so. */
async function cancelled(id: string, call: Call): Promise<ContractTask> {
  await call.client.cancel(id, 'cancelled by an agent')
  return untilEnded(id, cancelSeconds, call)
}

/** In the protocol a task that is not there, one that has ended already and a wrong cursor are wrong parameters. */
function refuse(error: unknown, onFault: Serving['onFault']): never {
  const isCallers = error instanceof MayflyError && ['NOT_FOUND', 'CONFLICT', 'BAD_REQUEST'].includes(error.code)
  throw new ProtocolError(isCallers ? ErrorCode.InvalidParams : ErrorCode.InternalError, sentenceOf(error, onFault))
}
