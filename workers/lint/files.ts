import { readdirSync } from 'node:fs'
import { join, matchesGlob } from 'node:path'

export interface Selection {
  /** Patterns of paths below the root, with `/`: only these files; all when there are none. */
  readonly include: readonly string[]
  /** Patterns of files and directories to leave out. */
  readonly exclude: readonly string[]
}

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

function isIncluded(path: string, { include }: Selection): boolean {
  return include.length === 0 || matches(path, include)
}

/** A pattern that names a directory means all that is in it. */
function matches(path: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => {
    const plain = pattern.replace(/\/+$/, '')
    return matchesGlob(path, plain) || matchesGlob(path, `${plain}/**`)
  })
}

function byName(one: { readonly name: string }, other: { readonly name: string }): number {
  return one.name < other.name ? -1 : 1
}
