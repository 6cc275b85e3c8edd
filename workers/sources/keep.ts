import { glob } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { messageOf } from '../../src/system/message.ts'
import type { Context } from '../context.ts'
import { isInside, isReallyInside } from './inside.ts'

const mostFiles = 1_000

/**
 * Makes artifacts of the files that fit one of the patterns. Only files in the directory count: no links, and nothing
 * that a link leads to outside.
 */
export async function keepFiles(
  patterns: readonly string[],
  directory: string,
  context: Context<unknown>,
): Promise<void> {
  const { paths, areAll } = await pathsOf(patterns, directory)
  for (const path of [...paths].sort()) await keep(path, join(directory, path), context)
  if (!areAll) context.log.warn(`more than ${mostFiles} files fit artifacts: only ${mostFiles} were kept`)
  if (paths.size === 0) context.log.warn(`no file fits artifacts: ${patterns.join(', ')}`)
}

/** What a command calls its files is nothing that its task should fail for. */
async function keep(name: string, path: string, context: Context<unknown>): Promise<void> {
  try {
    await context.artifact(name, path)
  } catch (error) {
    if (!isOfFile(error)) throw error
    context.log.warn(`a file that fits artifacts was left out: ${messageOf(error)}`)
  }
}

/** Its name cannot be an artifact's, or it cannot be read; a name that is not text looks as if it were not there. */
function isOfFile(error: unknown): boolean {
  const { code = '', retryable } = error as { readonly code?: string; readonly retryable?: boolean }
  return retryable === false || code === 'ENOENT' || code === 'EACCES'
}

/** Found are no more than can be kept: a pattern may fit a whole machine. */
async function pathsOf(patterns: readonly string[], directory: string) {
  const paths = new Set<string>()
  const parents = new Map<string, boolean>()
  const isParentInside = (parent: string) => {
    const known = parents.get(parent) ?? (isInside(parent, directory) && isReallyInside(parent, directory))
    parents.set(parent, known)
    return known
  }
  for await (const entry of glob([...patterns], { cwd: directory, withFileTypes: true })) {
    const path = relative(directory, join(entry.parentPath, entry.name))
    if (!entry.isFile() || paths.has(path) || !isParentInside(entry.parentPath)) continue
    if (paths.size === mostFiles) return { paths, areAll: false }
    paths.add(path)
  }
  return { paths, areAll: true }
}
