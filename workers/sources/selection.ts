/** Which files of sources are meant. */
import { matchesGlob } from 'node:path'

export interface Selection {
  /** Patterns of paths below the root, with `/`: only these files; all when there are none. */
  readonly include: readonly string[]
  /** Patterns of files and directories to leave out. */
  readonly exclude: readonly string[]
}

export function isIncluded(path: string, { include }: Pick<Selection, 'include'>): boolean {
  return include.length === 0 || matches(path, include)
}

/** A pattern that names a directory means all that is in it. */
export function matches(path: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => {
    const plain = pattern.replace(/\/+$/, '')
    return matchesGlob(path, plain) || matchesGlob(path, `${plain}/**`)
  })
}

export function byName(one: { readonly name: string }, other: { readonly name: string }): number {
  return one.name < other.name ? -1 : 1
}
