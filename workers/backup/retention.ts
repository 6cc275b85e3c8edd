/** Which backups are kept, decided from what there is. The times are when a backup's span ended, UTC. */
import { type Link, withAncestors } from './chain.ts'

export interface Policy {
  /** Of so many days, weeks and months that have one, the newest of each. */
  readonly keepDaily: number
  readonly keepWeekly: number
  readonly keepMonthly: number
  /** Full ones that are kept however old they are. */
  readonly minFull: number
}

export const usualPolicy: Policy = { keepDaily: 7, keepWeekly: 4, keepMonthly: 12, minFull: 1 }

export interface Aged extends Link {
  /** ISO 8601. */
  readonly to: string
}

export interface Retention {
  /** Why each of them stays. */
  readonly keep: ReadonlyMap<string, readonly string[]>
  /** In the order in which they may go: none before one that builds on it. */
  readonly prune: readonly string[]
}

/** The newest one always stays, and those that are `needed`; and whatever one that stays builds on. */
export function retain(backups: readonly Aged[], policy: Policy, needed: readonly string[] = []): Retention {
  const newestFirst = backups.toSorted((one, other) => Date.parse(other.to) - Date.parse(one.to))
  const keep = new Map<string, string[]>()
  const add = (id: string, why: string) => keep.set(id, [...(keep.get(id) ?? []), why])
  for (const { id } of newestFirst.slice(0, 1)) add(id, 'newest')
  for (const { id } of newestOfEach(newestFirst, dayOf, policy.keepDaily)) add(id, 'daily')
  for (const { id } of newestOfEach(newestFirst, weekOf, policy.keepWeekly)) add(id, 'weekly')
  for (const { id } of newestOfEach(newestFirst, monthOf, policy.keepMonthly)) add(id, 'monthly')
  for (const { id } of newestFirst.filter(({ mode }) => mode === 'full').slice(0, policy.minFull)) add(id, 'full')
  for (const { id } of newestFirst) if (needed.includes(id)) add(id, 'needed')
  const all = new Map(backups.map((one) => [one.id, one]))
  for (const id of withAncestors(all, [...keep.keys()])) if (!keep.has(id)) add(id, 'chain')
  return { keep, prune: childrenFirst(newestFirst.filter(({ id }) => !keep.has(id))) }
}

function newestOfEach(newestFirst: readonly Aged[], spanOf: (time: Date) => string, spans: number): Aged[] {
  const found = new Map<string, Aged>()
  for (const backup of newestFirst) {
    const span = spanOf(new Date(backup.to))
    if (!found.has(span)) found.set(span, backup)
  }
  return [...found.values()].slice(0, spans)
}

const dayOf = (time: Date) => time.toISOString().slice(0, 10)
const monthOf = (time: Date) => time.toISOString().slice(0, 7)

/** The Monday that its week began with. */
function weekOf(time: Date): string {
  const sinceMonday = (time.getUTCDay() + 6) % 7
  return dayOf(new Date(time.getTime() - sinceMonday * 86_400_000))
}

/** A run that is killed between two removals must not leave an incremental backup without what it builds on. */
function childrenFirst(backups: readonly Aged[]): string[] {
  const byId = new Map(backups.map((one) => [one.id, one]))
  const depthOf = (backup: Aged): number => withAncestors(byId, [backup.id]).size
  return backups.toSorted((one, other) => depthOf(other) - depthOf(one)).map(({ id }) => id)
}
