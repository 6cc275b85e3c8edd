/** What is looked at beside the files one by one; each may be asked for by name. */
import type { Finding } from '../../lint/report.ts'
import type { CheckName } from './check-names.ts'
import { duplicates } from './duplicates.ts'
import type { Inventory } from './inventory.ts'
import { limits } from './limits.ts'
import { manifest } from './members.ts'
import { naming } from './naming.ts'
import { pairs } from './pairs.ts'
import { versions } from './versions.ts'

/** Those that take long by themselves are apart. */
type QuickCheck = Exclude<CheckName, 'wellformed' | 'references'>

const checks: Readonly<Record<QuickCheck, (inventory: Inventory) => readonly Finding[]>> = {
  manifest,
  apiVersion: versions,
  naming,
  duplicates,
  pairs,
  limits,
}

export function checkAll(inventory: Inventory, wanted: readonly CheckName[]): readonly Finding[] {
  return wanted.flatMap((name) => (name === 'wellformed' || name === 'references' ? [] : checks[name](inventory)))
}
