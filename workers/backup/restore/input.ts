/** What a request for a restore says, and what is saved of one that is under way. */
import type { OrgInput } from '../../salesforce/input.ts'
import type { Selection } from '../objects.ts'
import type { Bypassed, Setting } from './bypass.ts'

/** `upsert`: rows that are there are set to what they were, the others come back. */
export type Mode = 'upsert' | 'insertMissing' | 'updateOnly' | 'undelete'

export interface RestoreInput extends OrgInput {
  /** The backup, as its result names it; the newest where left out. */
  readonly backup?: string
  readonly objects?: Selection
  /** These rows alone. */
  readonly ids?: readonly string[]
  readonly mode?: Mode
  /** Username or queue in the backup → username or queue in the target. */
  readonly ownerMap?: Readonly<Record<string, string>>
  readonly files?: boolean
  readonly dryRun?: boolean
  readonly allowProduction?: boolean
  readonly onError?: 'continue' | 'stop'
  readonly maxErrors?: number
  /** With which failed rows the task fails at its end. */
  readonly failOn?: 'any' | 'all' | 'never'
  readonly batchSize?: number
  readonly skipDuplicateRules?: boolean
  /** For which the org's automation stands aside: assigned to the user while rows are restored. */
  readonly bypassPermissionSet?: string
  readonly bypassCustomSetting?: Setting
  /** How long a request whose answer was lost may still be at work in the org. */
  readonly settleSeconds?: number
}

/** Into another org, whose alias is `org`; the backup is of `from`. */
export interface CrossInput extends RestoreInput {
  readonly from: string
  /** Object → field by which rows that the target has already are known. */
  readonly matchBy?: Readonly<Record<string, string>>
}

export const passes = ['rows', 'lookups', 'files'] as const
export type Pass = (typeof passes)[number]

export interface Counts {
  readonly inserted: number
  readonly updated: number
  readonly undeleted: number
  /** There already, and left as they are. */
  readonly skipped: number
  readonly failed: number
  /** Lookups and owners that have nothing to refer to in the target. */
  readonly lost: number
  readonly files: number
}

export const noCounts: Counts = { inserted: 0, updated: 0, undeleted: 0, skipped: 0, failed: 0, lost: 0, files: 0 }

/** The checkpoint: how far it is, and how long the files in the kept directory were then. */
export interface Saved {
  readonly backup: string
  readonly apiVersion: string
  readonly pass: Pass
  /** Of the objects of the pass, in their order. */
  readonly object: number
  /** Chunks of it that are done. */
  readonly chunk: number
  readonly idMapBytes: number
  readonly createdBytes: number
  readonly failedBytes: number
  readonly counts: Counts
  /** The chunk after those may have been sent, at this time by the org's clock: what it made is looked for. */
  readonly sentAt: string | null
  /** What is to be as it was before; null when there is nothing. */
  readonly bypassed: Bypassed | null
}
