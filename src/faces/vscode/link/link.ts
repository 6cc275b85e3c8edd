import { sleep } from '../../../client/backoff.ts'
import { Mayfly, MayflyError, type Sight, type SocketClass } from '../../../client/client.ts'
import type { Server } from './server.ts'
import { isFinal, sentenceOf, streamless } from './trouble.ts'

/**
 *     unset ──► connecting ──► live ◄──► offline
 *                   └────────────┴──► refused
 *
 * Offline looks again by itself, for as long as it takes. Refused does so seldom, and not at all where only a new token
 * helps.
 */
export type LinkState =
  | { readonly is: 'unset' }
  | { readonly is: 'connecting' | 'live'; readonly url: string }
  | { readonly is: 'offline' | 'refused'; readonly url: string; readonly sentence: string }

export interface LinkOptions {
  readonly onState: (state: LinkState) => void
  readonly onSight: (sight: Sight) => void
  /** The tasks that there are have been shown, the newest where there are `more`: told after each connection. */
  readonly onLive: (more: boolean) => void
  readonly Socket?: SocketClass | undefined
  /** Of the page, in a browser. */
  readonly origin?: string | undefined
  readonly lookAgainMs?: number
}

const defaultLookAgainMs = 60_000
/** A server that has just stopped may still answer over REST; one that goes on doing so has no streams. */
const answersWithoutStream = 3

/** Keeps in touch with one server, through whatever happens to it and to the way there. */
export class Link {
  readonly #options: LinkOptions
  #server: Server | undefined
  #client: Mayfly | undefined
  #ending = new AbortController()
  #state: LinkState = { is: 'unset' }

  constructor(options: LinkOptions) {
    this.#options = options
  }

  get state(): LinkState {
    return this.#state
  }

  /** There is one as soon as there is a server to ask, reached or not. */
  get client(): Mayfly | undefined {
    return this.#client
  }

  /** From now on this server, or none. */
  to(server: Server | undefined): void {
    if (isSame(server, this.#server) && this.#state.is !== 'refused') return
    this.#server = server
    this.again()
  }

  /** Looks at once, whatever was waited for. */
  again(): void {
    this.end()
    const server = this.#server
    this.#client = server && this.clientOf(server)
    this.#become(server ? { is: 'connecting', url: server.url } : { is: 'unset' })
    this.#ending = new AbortController()
    if (server && this.#client) void this.#follow(this.#client, server.url, this.#ending.signal)
  }

  /** Of the server, in the form in which it is kept; empty when there is none. */
  get url(): string {
    return this.#server?.url ?? ''
  }

  /** Whoever only wants to try a server out gives it less time. */
  clientOf({ url, token, tenant }: Server, answerMs?: number): Mayfly {
    return new Mayfly({ url, token, tenant, answerMs, Socket: this.#options.Socket })
  }

  /** Nothing on the server ends with it. */
  end(): void {
    this.#ending.abort(new Error('the link is no longer wanted'))
  }

  sentenceOf(error: unknown, url: string): string {
    return sentenceOf(error, { url, origin: this.#options.origin })
  }

  /** What went wrong with what was asked for, whoever found it. */
  complaintOf(error: unknown): string {
    if (error instanceof MayflyError) return this.sentenceOf(error, this.url)
    return error instanceof Error ? error.message : String(error)
  }

  async #follow(client: Mayfly, url: string, signal: AbortSignal): Promise<void> {
    const { onSight, lookAgainMs = defaultLookAgainMs } = this.#options
    while (!signal.aborted) {
      try {
        for await (const sight of client.watchAll({}, { signal, ...this.#listeners(url) })) {
          // What was under way when it ended is about a server that nobody asks any more.
          if (signal.aborted) return
          onSight(sight)
        }
      } catch (error) {
        if (signal.aborted) return
        this.#become({ is: 'refused', url, sentence: this.sentenceOf(error, url) })
        if (isFinal(error)) return
      }
      await sleep(lookAgainMs, signal).catch(() => {})
    }
  }

  #listeners(url: string) {
    const { origin } = this.#options
    let answersInRow = 0
    let wasLive = false
    return {
      onLive: (more: boolean) => {
        wasLive = true
        answersInRow = 0
        this.#become({ is: 'live', url })
        this.#options.onLive(more)
      },
      onLost: (reason: string, _retryMs: number, cause: unknown) => {
        const where = { url, origin, hasAnswered: wasLive }
        answersInRow = cause ? 0 : answersInRow + 1
        const isStreamless = answersInRow >= answersWithoutStream
        const passing = `${url} is out of sight (${reason}); the next look is soon.`
        const sentence = cause ? sentenceOf(cause, where) : isStreamless ? streamless(where) : passing
        this.#become({ is: 'offline', url, sentence })
      },
    }
  }

  #become(state: LinkState): void {
    this.#state = state
    this.#options.onState(state)
  }
}

function isSame(a: Server | undefined, b: Server | undefined): boolean {
  return a?.url === b?.url && a?.token === b?.token && a?.tenant === b?.tenant
}
