/**
 * Follows a task to its end through whatever happens to the connections: each new one goes on after the last event that
 * was delivered, so none is missing and none comes twice.
 */
import type { ContractEvent } from '../contract/event.ts'
import type { Outbound } from '../contract/outbound.ts'
import type { ContractTask } from '../contract/task.ts'
import { isTerminal } from '../task/states.ts'
import { type Connection, Lost } from './connection.ts'
import { connect, Losses, lostBy, orLost, refusalOf, refuseOther } from './losses.ts'
import { part } from './pages.ts'
import type { Rest } from './rest.ts'
import type { StreamOptions } from './stream-options.ts'

export interface WatchOptions extends StreamOptions {
  /** The last `seq` that is known already; 0 for all events. */
  readonly after?: number | undefined
  /** Events before `firstSeq` have been pruned; those from there follow. */
  readonly onGap?: ((firstSeq: number) => void) | undefined
}

export type Watch = AsyncGenerator<ContractEvent, void>

interface Position {
  readonly task: string
  /** The last `seq` delivered or known to be pruned. */
  seq: number
  readonly losses: Losses
}

/** Every event after `after`, once and in order, the last being the task's end. */
export async function* watch(rest: Rest, task: string, how: WatchOptions = {}): Watch {
  const at: Position = { task, seq: how.after ?? 0, losses: new Losses(how, rest.pace) }
  for (;;) {
    let connection: Connection | undefined
    try {
      connection = await subscribe(rest, at, how)
      // One loop and no generators within: what follows is done for every event.
      for (let events = 0; ; ) {
        for (const message of await connection.take()) {
          const event = accept(message, at, how)
          if (event) {
            events++
            yield event
            if (isEnd(event)) return
          } else if (message.type === 'live' && events === 0 && (await hasEnded(rest, at, how.signal))) return
        }
      }
    } catch (error) {
      await at.losses.bear(error)
    } finally {
      connection?.close()
    }
  }
}

/** The event of a message, if it is one that is due. Throws Lost where only another connection helps. */
function accept(message: Outbound, at: Position, { onGap }: WatchOptions): ContractEvent | undefined {
  switch (message.type) {
    case 'event':
      if (message.seq <= at.seq) return undefined
      if (message.seq > at.seq + 1) throw new Lost('an event was missing')
      heard(at, message.seq)
      return message.event
    case 'live':
      heard(at, at.seq)
      return undefined
    case 'gap':
      at.seq = Math.max(at.seq, message.firstSeq - 1)
      onGap?.(message.firstSeq)
      return undefined
    case 'hello':
      refuseOther(message)
      return undefined
    case 'bye':
      throw lostBy(message)
    case 'error':
      throw refusalOf(message)
    default:
      return undefined
  }
}

function heard(at: Position, seq: number): void {
  at.seq = seq
  at.losses.heard()
}

function subscribe(rest: Rest, at: Position, how: WatchOptions): Promise<Connection> {
  const message = { type: 'subscribe', ref: 'watch', task: at.task, after: at.seq } as const
  return connect(rest, how, message, () => look(rest, at, how.signal))
}

/** Nothing came and all is said: the end was before the cursor, or has been pruned. */
async function hasEnded(rest: Rest, at: Position, signal: AbortSignal | undefined): Promise<boolean> {
  const { state, lastSeq } = await look(rest, at, signal)
  return isTerminal(state) && lastSeq <= at.seq
}

function look(rest: Rest, { task }: Position, signal: AbortSignal | undefined): Promise<ContractTask> {
  return orLost(() => rest.json<ContractTask>('GET', `v1/tasks/${part(task)}`, { signal }))
}

const ends: ReadonlySet<string> = new Set(['task.succeeded', 'task.failed', 'task.cancelled'])

/** Whether this event is the last of its task. */
export function isEnd({ type }: ContractEvent): boolean {
  return ends.has(type)
}
