/** What a package is made of, before it is packed. */
import type { Segment } from './recompose.ts'

export interface Entry {
  /** In the package. */
  readonly path: string
  read(): Uint8Array
}

/** Where in the sources the files of a package come from, to say of what an org finds where that is. */
export interface Origins {
  /** Path in the package → path in the sources. */
  readonly files: Readonly<Record<string, string>>
  /** Of files that were put together, by their path in the package. */
  readonly segments: Readonly<Record<string, readonly Segment[]>>
  /** `Type:Name` → path in the sources, of what a manifest names. */
  readonly members: Readonly<Record<string, string>>
  /** What stands for the whole: the manifest, or the file of the project. */
  readonly fallback: string
}

/** Type → names. */
export type Members = ReadonlyMap<string, ReadonlySet<string>>

export interface Package {
  readonly entries: readonly Entry[]
  readonly members: Members
  readonly origins: Omit<Origins, 'fallback'>
}
