/** How to call this program again, so that a line it prints works when it is pasted. */
import { basename } from 'node:path'
import type { Io } from './io.ts'

/** As it was called: by our npm script or npx, by its name, or by Node with its first module. */
export function invocation({ env, called }: Pick<Io, 'env' | 'called'>): string {
  // The script of another package that calls us is no way to call us with other words.
  if (env.npm_package_name === 'mayfly' && env.npm_lifecycle_event === 'mayfly') return 'npm run -s mayfly --'
  if (env.npm_lifecycle_event === 'npx') return 'npx mayfly'
  const [node, module] = called
  return basename(module) === 'mayfly' ? 'mayfly' : `${quoted(node)} ${quoted(module)}`
}

/** A word for a POSIX shell. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}
