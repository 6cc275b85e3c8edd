import type { Inbound } from '../contract/inbound.ts'
import type { Outbound } from '../contract/outbound.ts'
import { backoffMs, type Pace } from './backoff.ts'
import { Connection, Lost } from './connection.ts'
import { isPassing, MayflyError } from './errors.ts'
import type { Rest } from './rest.ts'
import { defaultPatience, type StreamOptions } from './stream-options.ts'

/** Connections lost in a row without a word from the server, and how long to bear it. */
export class Losses {
  readonly #how: StreamOptions
  readonly #pace: Pace
  #inRow = 0
  #firstAt = 0

  constructor(how: StreamOptions, pace: Pace) {
    this.#how = how
    this.#pace = pace
  }

  heard(): void {
    this.#inRow = 0
  }

  /** Waits before the next try where one may help. Throws an abort's reason, whatever will not pass, and UNREACHABLE when it has been too long. */
  async bear(error: unknown): Promise<void> {
    const { onLost, giveUpMs = Infinity, signal } = this.#how
    signal?.throwIfAborted()
    if (!(error instanceof Lost)) throw error
    if (this.#inRow++ === 0) this.#firstAt = this.#pace.now()
    const waitMs = backoffMs(this.#inRow, this.#pace.random)
    if (this.#pace.now() + waitMs - this.#firstAt > giveUpMs) throw givenUp(error, giveUpMs)
    if (!error.isTurnover) onLost?.(error.message, waitMs, error.cause)
    await this.#pace.sleep(waitMs, signal)
  }
}

/**
 * An open connection on which this has been asked for. A WebSocket that does not open cannot say why, so `ask` asks for
 * something over REST: that throws what will not pass. Throws Lost for what will. An abort closes it.
 */
export async function connect(
  rest: Rest,
  { patience, signal }: StreamOptions,
  message: Inbound,
  ask: () => Promise<unknown>,
): Promise<Connection> {
  signal?.throwIfAborted()
  try {
    const connection = await Connection.open(rest, { ...defaultPatience, ...patience }, signal)
    connection.send(message)
    return connection
  } catch (error) {
    if (!(error instanceof Lost)) throw asLost(error)
    await orLost(ask)
    throw new Lost(`${error.message}, though REST answers: let what stands before the server pass WebSockets on`)
  }
}

/** What was asked for. Throws Lost where it may be had in a moment. */
export async function orLost<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    throw asLost(error)
  }
}

/** What was asked for, asked again for as long as it may be had in a moment. */
export async function persistently<T>(rest: Rest, how: StreamOptions, ask: () => Promise<T>): Promise<T> {
  const losses = new Losses(how, rest.pace)
  for (;;) {
    try {
      return await orLost(ask)
    } catch (error) {
      await losses.bear(error)
    }
  }
}

const tokenHasEnded = 4401

/** What the server said before it closed. */
export function lostBy({ code, message }: Pick<Outbound<'bye'>, 'code' | 'message'>): Lost {
  return new Lost(message, { isTurnover: code === tokenHasEnded })
}

const passing: ReadonlySet<string> = new Set(['INTERNAL', 'STOPPING', 'TOO_MANY', 'STORE_FULL'])

/** What the server says is wrong: Lost where another connection may help. */
export function refusalOf({ code, message, retryAfterSeconds }: RefusalMessage): Error {
  return passing.has(code)
    ? new Lost(message)
    : new MayflyError(code, message, { retryAfterSeconds: retryAfterSeconds ?? null })
}

/** Later protocols have a number of their own. Throws where it is not ours. */
export function refuseOther({ protocol }: Pick<Outbound<'hello'>, 'protocol'>): void {
  if (Number(protocol) === 1) return
  const message = `the server's stream speaks protocol ${protocol}, and this client 1: update the older of the two`
  throw new MayflyError('UNEXPECTED', message)
}

type RefusalMessage = Pick<Outbound<'error'>, 'code' | 'message' | 'retryAfterSeconds'>

function asLost(error: unknown): unknown {
  const passes = isPassing(error) || (error instanceof MayflyError && passing.has(error.code))
  return passes ? new Lost(error.message, { cause: error }) : error
}

/** The last reason is told, and what is below it where that is more than "the connection broke". */
function givenUp(lost: Lost, giveUpMs: number): MayflyError {
  const why = lost.cause instanceof Error ? lost.cause.message : lost.message
  const message = `the stream cannot be had any more, ${Math.round(giveUpMs / 1000)} s after it was lost (${why}): look at the server, and come back with the last seq`
  return new MayflyError('UNREACHABLE', message, { cause: lost })
}
