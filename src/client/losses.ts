import type { Outbound } from '../contract/outbound.ts'
import { backoffMs, sleep } from './backoff.ts'
import { Connection, defaultPatience, Lost, type Patience } from './connection.ts'
import { isPassing, MayflyError } from './errors.ts'
import type { Rest } from './rest.ts'

export interface StreamOptions {
  /** Ends it with the signal's reason; what is followed goes on. */
  readonly signal?: AbortSignal | undefined
  /** The connection is lost, and the next is tried in so many milliseconds; `cause` where REST does not answer either. */
  readonly onLost?: ((reason: string, retryMs: number, cause: unknown) => void) | undefined
  /** Gives up with UNREACHABLE after so long without a connection; never when left out. */
  readonly giveUpMs?: number | undefined
  readonly patience?: Partial<Patience> | undefined
}

/** Connections lost in a row without a word from the server, and how long to bear it. */
export class Losses {
  readonly #how: StreamOptions
  #inRow = 0
  #firstAt = 0

  constructor(how: StreamOptions) {
    this.#how = how
  }

  heard(): void {
    this.#inRow = 0
  }

  /** Waits before the next connection. Throws UNREACHABLE when it has been too long. */
  async pause(lost: Lost): Promise<void> {
    const { onLost, giveUpMs = Infinity, signal } = this.#how
    if (this.#inRow++ === 0) this.#firstAt = Date.now()
    const waitMs = backoffMs(this.#inRow)
    if (Date.now() + waitMs - this.#firstAt > giveUpMs) {
      throw new MayflyError('UNREACHABLE', `the stream cannot be had any more: ${lost.message}`, { cause: lost })
    }
    onLost?.(lost.message, waitMs, lost.cause)
    await sleep(waitMs, signal)
  }
}

/**
 * An open connection. A WebSocket that does not open cannot say why, so `ask` asks for something over REST: that throws
 * what will not pass. Throws Lost for what will.
 */
export async function connect(
  rest: Rest,
  { patience }: StreamOptions,
  ask: () => Promise<unknown>,
): Promise<Connection> {
  try {
    return await Connection.open(rest, { ...defaultPatience, ...patience })
  } catch (error) {
    if (error instanceof Lost) await orLost(ask)
    throw asLost(error)
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
