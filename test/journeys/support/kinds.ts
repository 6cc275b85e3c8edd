import { fileURLToPath } from 'node:url'

/** Directories of kinds, each with the one of this name: a start reads every module that it finds in a process of its own. */
export const kindsNamed = (...names: readonly string[]): string[] =>
  names.map((name) => fileURLToPath(new URL(`../kinds/${name}`, import.meta.url)))
