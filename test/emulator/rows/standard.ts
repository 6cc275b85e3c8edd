import type { RowStore } from './store.ts'

/** The objects that every org has. */
export function defineStandardObjects(rows: RowStore): void {
  rows.define('User', { Username: 'string', Name: 'string', IsActive: 'boolean' }, { keyPrefix: '005' })
  rows.define('Account', { Name: { type: 'string', required: true } }, { keyPrefix: '001', owned: true })
}
