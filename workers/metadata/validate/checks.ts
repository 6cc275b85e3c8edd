/** What is looked at beside the files one by one; each may be asked for by name. */
import type { Finding } from '../../lint/report.ts'
import type { CheckName } from './check-names.ts'
import { duplicates } from './duplicates.ts'
import type { Inventory } from './inventory.ts'
import { limits } from './limits.ts'
import { naming } from './naming.ts'
import { pairs } from './pairs.ts'
import { manifest } from './references.ts'
import { versions } from './versions.ts'

const checks: Readonly<Record<Exclude<CheckName, 'wellformed'>, (inventory: Inventory) => readonly Finding[]>> = {
  manifest,
  apiVersion: versions,
  naming,
  duplicates,
  pairs,
  limits,
}

export function checkAll(inventory: Inventory, wanted: readonly CheckName[]): readonly Finding[] {
  return wanted.flatMap((name) => (name === 'wellformed' ? [] : checks[name](inventory)))
}
