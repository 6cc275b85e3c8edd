import type { Pool } from '../task/task.ts'

/** Tasks that match all that is not null here are not started. */
export interface PauseRecord {
  /** UUIDv7. */
  readonly id: string
  readonly kind: string | null
  readonly pool: Pool | null
  readonly tenant: string | null
  readonly key: string | null
  readonly reason: string | null
  /** Milliseconds since 1970, UTC. */
  readonly createdAt: number
}

export interface PauseRecords {
  /** Oldest first. */
  all(): Promise<readonly PauseRecord[]>
  add(pause: PauseRecord): Promise<void>
  /** False when there was none. */
  remove(id: string): Promise<boolean>
}
