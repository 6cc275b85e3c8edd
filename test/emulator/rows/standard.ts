import { defineCrmObjects } from './standard-crm.ts'
import { defineFileObjects } from './standard-files.ts'
import { defineSetupObjects } from './standard-setup.ts'
import type { RowStore } from './store.ts'

/** The objects that every org has, with the fields that tasks and tests deal with. */
export function defineStandardObjects(rows: RowStore): void {
  defineSetupObjects(rows)
  defineCrmObjects(rows)
  defineFileObjects(rows)
}
