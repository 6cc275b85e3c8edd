/** What a request for a backup says, and what is saved of one that is being made. */

import type { BulkQueryState } from '../../salesforce/bulk/query.ts'
import type { OrgInput } from '../../salesforce/input.ts'
import type { JobState } from '../../salesforce/remote-job.ts'
import type { Encryption } from '../manifest.ts'
import type { Selection } from '../objects.ts'

export interface BackupInput extends OrgInput {
  readonly mode?: 'full' | 'incremental'
  readonly objects?: Selection
  readonly files?: {
    readonly contentVersions?: boolean
    readonly attachments?: boolean
    readonly documents?: boolean
    /** Larger ones are left out, with a warning. */
    readonly maxBytes?: number
  }
  readonly metadata?: { readonly types?: 'all' | readonly string[]; readonly exclude?: readonly string[] }
  /** Of an incremental one: `last`, or a time; it adds to the newest backup that ended by then. */
  readonly since?: string
  readonly apiBudgetPct?: number
  readonly parallel?: number
  readonly format?: 'csv' | 'csv.gz'
  /** Left out: when there is a key. */
  readonly encrypt?: boolean
}

/** The checkpoint. What is done stands in the backup's directory; here is what is under way. */
export interface Saved {
  readonly id: string
  readonly mode: 'full' | 'incremental'
  readonly parent: string | null
  /** Milliseconds since 1970, by the clock of the org; from is null in a full one. */
  readonly from: number | null
  readonly to: number
  readonly apiVersion: string
  readonly startedAt: string
  readonly encryption: Encryption | null
  /** Bulk queries. */
  readonly objects: Readonly<Record<string, BulkQueryState>>
  /** Attempts that an object has failed, though it might have gone well. */
  readonly tries: Readonly<Record<string, number>>
  readonly retrieves: Readonly<Record<string, JobState>>
}
