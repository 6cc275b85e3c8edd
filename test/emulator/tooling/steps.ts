import type { Row, RowStore, Value } from '../rows/store.ts'

export type Values = Readonly<Record<string, Value>>

/**
 * Lets rows of an object move on by themselves: each look at a row takes it a step further. `step` is told how many
 * looks there were before this one and says what changes; null when nothing more will.
 */
export function advanceOnRead(
  rows: RowStore,
  object: string,
  step: (row: Row, looksBefore: number) => Values | null,
): void {
  const looks = new Map<string, number>()
  rows.hook(object, {
    read: (row) => {
      const before = looks.get(row.Id) ?? 0
      const changes = step(row, before)
      if (changes === null) return row
      looks.set(row.Id, before + 1)
      if (Object.keys(changes).length > 0) rows.update(object, row.Id, changes)
      return rows.get(object, row.Id) ?? row
    },
  })
}

/** What a field of type `complexvalue` holds: the object is shown where the text is stored. */
export function complex(value: unknown): string {
  return JSON.stringify(value)
}
