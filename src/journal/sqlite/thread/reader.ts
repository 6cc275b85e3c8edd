import { workerData } from 'node:worker_threads'
import { openForReading } from '../connection.ts'
import { artifacts, attempts, events } from './history.ts'
import { findEarlier as earlier } from './keys.ts'
import { recordQueries } from './records.ts'
import { Statements } from './statements.ts'
import { open, queued, task, tasks } from './tasks.ts'

const { database } = workerData as ReaderData
/** Opened by the first question, so that who asks learns it when that fails. */
let statements: Statements | undefined

/** What can be asked, by the journal's own names. Every answer is read to its end at once: no reader holds up the log. */
const queries = { task, tasks, earlier, events, open, queued, attempts, artifacts, ...recordQueries } as const

export interface ReaderData {
  readonly database: string
}

type Queries = typeof queries
export type Query = keyof Queries
export type Arguments<Q extends Query> = Queries[Q] extends (statements: Statements, ...args: infer A) => unknown
  ? A
  : never
export type Answer<Q extends Query> = ReturnType<Queries[Q]>

export interface Question<Q extends Query> {
  readonly query: Q
  readonly args: Arguments<Q>
}

export function read<Q extends Query>({ query, args }: Question<Q>): Answer<Q> {
  const ask: (statements: Statements, ...args: never[]) => unknown = queries[query]
  statements ??= new Statements(openForReading(database))
  return ask(statements, ...(args as readonly unknown[] as never[])) as Answer<Q>
}
