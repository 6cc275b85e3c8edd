import { statSync } from 'node:fs'
import type { Context } from '../context.ts'
import { invalidInput } from '../errors/steering.ts'
import { type Source, sourceOf } from '../sources/source.ts'

/** The directory of the sources: an upload and what git brings in the workspace, a path where it is. */
export async function rootOf(context: Context<Source>): Promise<string> {
  const { upload, path, git } = context.input
  if ([upload, path, git].filter((place) => place !== undefined).length !== 1) {
    throw invalidInput('give one place of the sources: upload, path or git')
  }
  if (path === undefined) return sourceOf(context.input, context, { withLinks: false })
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return path
  throw invalidInput(`path: there is no directory ${path}`)
}
