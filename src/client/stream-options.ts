/** Bounds of a connection; tests use smaller ones. */
export interface Patience {
  readonly openMs: number
  /** So long without a word, and the server is asked for one; as long again, and the connection is given up. */
  readonly silenceMs: number
  /** More than this unread, and the connection is given up, to go on from the cursor once they are read. */
  readonly mostUnread: number
}

export const defaultPatience: Patience = { openMs: 10_000, silenceMs: 15_000, mostUnread: 10_000 }

export interface StreamOptions {
  /** Ends it with the signal's reason; what is followed goes on. */
  readonly signal?: AbortSignal | undefined
  /** The connection is lost, and the next is tried in so many milliseconds; `cause` where REST does not answer either. */
  readonly onLost?: ((reason: string, retryMs: number, cause: unknown) => void) | undefined
  /** Gives up with UNREACHABLE after so long without a connection; never when left out. */
  readonly giveUpMs?: number | undefined
  readonly patience?: Partial<Patience> | undefined
}
