/** A backup that is being made: where it lies, what it is to hold, and how far it is. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Context } from '../../context.ts'
import type { Org } from '../../salesforce/org.ts'
import type { BodiesEntry, MetadataEntry, ObjectEntry } from '../manifest.ts'
import type { Wrapping } from '../sealed.ts'
import { writeWhole } from '../store.ts'
import type { BackupInput, Saved } from './input.ts'
import type { Memory } from './memory.ts'
import type { Report } from './report.ts'

/** What it is to hold, decided once: `plan.json` in its directory. */
export interface Plan {
  /** What it adds to: not to be pruned meanwhile. */
  readonly parent: string | null
  readonly objects: readonly PlannedObject[]
  /** Objects with bodies that are fetched one by one. */
  readonly bodies: readonly string[]
  readonly warnings: readonly string[]
}

export interface PlannedObject {
  readonly name: string
  /** As the org estimates them. */
  readonly rows: number
  readonly replicateable: boolean
}

export interface Work {
  readonly context: Context<BackupInput>
  readonly org: Org
  /** Its directory. */
  readonly place: string
  readonly plan: Plan
  readonly memory: Memory<Saved>
  readonly wrapping: Wrapping
  readonly report: Report
}

/** An object that could not be backed up, and why; the backup goes on without it. */
export interface FailedEntry {
  readonly failed: string
}

export type Entry = ObjectEntry | FailedEntry

/** What was finished of one part, by whichever attempt. */
export function readEntry<T>(place: string, path: string): T | undefined {
  const file = join(place, path)
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as T) : undefined
}

/** A part is finished once this has returned. Its directory is there. */
export function writeEntry(
  place: string,
  path: string,
  entry: Entry | BodiesEntry | MetadataEntry | object,
): Promise<void> {
  return writeWhole(place, path, `${JSON.stringify(entry)}\n`)
}

export const entryOf = (object: string) => `objects/${object}/entry.json`

/** Of the objects that a file's name may not lead out of its directory. */
export function isObjectName(name: string): boolean {
  return /^[A-Za-z][A-Za-z0-9_]{0,120}$/.test(name)
}
