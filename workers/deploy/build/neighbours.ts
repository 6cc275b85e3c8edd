/** What lies beside a file: each directory is read once, for it may have thousands. */
import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Beside } from './place.ts'

/** Of files by their paths below the root. */
export function neighboursIn(root: string): (file: string) => Beside {
  const known = new Map<string, ReadonlySet<string>>()
  return (file) => () => {
    const directory = dirname(file)
    const names = known.get(directory) ?? new Set(readdirSync(join(root, directory)))
    known.set(directory, names)
    return names
  }
}
