import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { byName, isIncluded, matches, type Selection } from '../sources/selection.ts'

/** What never holds sources of the project itself. */
const neverEntered = new Set(['node_modules', '.git'])

/** Paths of files below the root, relative to it, in order. Links are not followed. */
export function* filesIn(root: string, selection: Selection, below = ''): Generator<string> {
  for (const entry of readdirSync(join(root, below), { withFileTypes: true }).sort(byName)) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`
    if (matches(path, selection.exclude)) continue
    if (entry.isDirectory() && !neverEntered.has(entry.name)) yield* filesIn(root, selection, path)
    if (entry.isFile() && isIncluded(path, selection)) yield path
  }
}
