import { glob } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { Context } from '../context.ts'

const mostFiles = 1_000

/** Makes artifacts of the files that fit one of the patterns. Only files in the directory count, and no links. */
export async function keepFiles(
  patterns: readonly string[],
  directory: string,
  context: Context<unknown>,
): Promise<void> {
  const paths = new Set<string>()
  for await (const entry of glob([...patterns], { cwd: directory, withFileTypes: true })) {
    const path = relative(directory, join(entry.parentPath, entry.name))
    if (entry.isFile() && !path.startsWith('..')) paths.add(path)
  }
  for (const path of [...paths].sort().slice(0, mostFiles)) await context.artifact(path, join(directory, path))
  if (paths.size > mostFiles) context.log.warn(`only ${mostFiles} of ${paths.size} files were kept as artifacts`)
  if (paths.size === 0) context.log.warn(`no file fits artifacts: ${patterns.join(', ')}`)
}
