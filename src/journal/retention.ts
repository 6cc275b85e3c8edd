/** What of the past is kept. */
export interface Retained {
  /** Tasks that settled before this time may go. */
  readonly settledBefore: number
  /** So many settled tasks of each tenant stay at most. */
  readonly tasksPerTenant: number
  /** Whatever an idempotency key that is still valid at this time belongs to stays. */
  readonly now: number
}

/** How the past is forgotten, a little at a time. */
export interface Retention {
  /** Settled tasks that may go, up to `limit`, by their numbers. */
  candidates(retained: Retained, limit: number): Promise<readonly number[]>
  /**
   * Forgets these tasks with their events, attempts and artifacts, at most so many events at once: a long task is
   * forgotten from its beginning, in several calls. Resolves with the ids of those that are wholly gone: their files may go.
   */
  forget(numbers: readonly number[], maxEvents: number): Promise<readonly string[]>
  /** Of these ids the tasks that there are, and whether they have ended. */
  states(ids: readonly string[]): Promise<ReadonlyMap<string, 'open' | 'ended'>>
}
