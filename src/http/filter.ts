import type { TaskFilter } from '../contract/query.ts'
import type { TaskQuery } from '../journal/journal.ts'

/** The filter as the journal takes it. */
export function toQueryFilter({ label, ...same }: TaskFilter): Omit<TaskQuery, 'tenant' | 'before' | 'limit'> {
  if (label === undefined) return same
  const colon = label.indexOf(':')
  return { ...same, label: { name: label.slice(0, colon), value: label.slice(colon + 1) } }
}
