/**
 * Follows all tasks of a tenant that fit a filter, through whatever happens to the connections: each new one begins with
 * the tasks as they are now.
 */
import type { ContractEvent } from '../contract/event.ts'
import type { Outbound } from '../contract/outbound.ts'
import type { TaskFilter } from '../contract/query.ts'
import type { ContractTask, TaskPage } from '../contract/task.ts'
import { isTerminal, stateAfter } from '../task/states.ts'
import { type Connection, Lost } from './connection.ts'
import { MayflyError } from './errors.ts'
import { connect, Losses, lostBy, orLost, refusalOf, refuseOther } from './losses.ts'
import { part } from './pages.ts'
import type { Rest } from './rest.ts'
import type { StreamOptions } from './stream-options.ts'

/** A task that came into view, as it is; or what happened to one that is in view. */
export type Sight =
  | { readonly type: 'task'; readonly task: ContractTask }
  | { readonly type: 'event'; readonly task: string; readonly event: ContractEvent }

export interface WatchAllOptions extends StreamOptions {
  /** The tasks that there are have been shown, the newest of them where there are `more`: told after each connection. */
  readonly onLive?: ((more: boolean) => void) | undefined
}

export type WatchAll = AsyncGenerator<Sight, void>

interface Known {
  readonly filter: TaskFilter
  /** The last `seq` of each unfinished task in view. */
  readonly seqs: Map<string, number>
  readonly losses: Losses
}

/**
 * Each task that fits as it is, and then its events, once and in order; without an end. What happened while the
 * connection was lost is not told event by event: after it, each task comes again, as it is then.
 */
export async function* watchAll(rest: Rest, filter: TaskFilter, how: WatchAllOptions = {}): WatchAll {
  const known: Known = { filter, seqs: new Map(), losses: new Losses(how, rest.pace) }
  const ask = () => rest.json<TaskPage>('GET', 'v1/tasks?limit=1', { signal: how.signal })
  for (;;) {
    let connection: Connection | undefined
    try {
      connection = await connect(rest, how, { type: 'subscribe', ref: 'all', filter }, ask)
      yield* sights(rest, connection, known, how)
    } catch (error) {
      await known.losses.bear(error)
    } finally {
      connection?.close()
    }
  }
}

/** What one connection brings. Ends only by throwing. */
async function* sights(
  rest: Rest,
  connection: Connection,
  known: Known,
  { onLive }: WatchAllOptions,
): AsyncGenerator<Sight, void> {
  const unseen = new Set(known.seqs.keys())
  let more = false
  for (;;) {
    for (const message of await connection.take()) {
      if (message.type === 'snapshot') {
        more ||= message.more
        for (const task of message.tasks) {
          unseen.delete(task.id)
          yield inView(task, known)
        }
      } else if (message.type === 'live') {
        known.losses.heard()
        yield* gone(rest, unseen, known)
        onLive?.(more)
      } else if (message.type === 'event') {
        yield heard(message, known)
      } else refuse(message)
    }
  }
}

function inView(task: ContractTask, { seqs }: Known): Sight {
  if (isTerminal(task.state)) seqs.delete(task.id)
  else seqs.set(task.id, task.lastSeq)
  return { type: 'task', task }
}

function heard({ task, seq, event }: Outbound<'event'>, { seqs, filter, losses }: Known): Sight {
  if (seqs.get(task) !== seq - 1) throw new Lost('an event was missing')
  losses.heard()
  const state = stateAfter(event.type)
  const leaves = state !== undefined && (isTerminal(state) || (filter.state !== undefined && state !== filter.state))
  if (leaves) seqs.delete(task)
  else seqs.set(task, seq)
  return { type: 'event', task, event }
}

/** Tasks that left the view while nobody looked, as they are now. */
async function* gone(rest: Rest, unseen: Set<string>, { seqs }: Known): AsyncGenerator<Sight, void> {
  for (const id of unseen) {
    const task = await orLost(() => find(rest, id))
    seqs.delete(id)
    unseen.delete(id)
    if (task) yield { type: 'task', task }
  }
}

async function find(rest: Rest, id: string): Promise<ContractTask | undefined> {
  try {
    return await rest.get<ContractTask>(`v1/tasks/${part(id)}`)
  } catch (error) {
    if (error instanceof MayflyError && error.code === 'NOT_FOUND') return undefined
    throw error
  }
}

function refuse(message: Outbound): void {
  if (message.type === 'hello') refuseOther(message)
  if (message.type === 'bye') throw lostBy(message)
  if (message.type === 'error') throw refusalOf(message)
}
