import type { Context } from '../context.ts'
import { invalidInput } from '../errors/steering.ts'
import type { GitReference } from './git.ts'

/** Where a task takes files from, before it begins. */
export interface Source {
  /** Id of an upload that is an archive. */
  readonly upload?: string
  readonly path?: string
  readonly git?: GitReference & { readonly token?: string }
}

/** Brings the sources into the workspace; the directory that they lie in. */
export async function sourceOf(
  source: Source,
  context: Context<unknown>,
  options: { withLinks: boolean },
): Promise<string> {
  const { git, upload } = source
  if (git && upload !== undefined) {
    throw invalidInput('upload and git exclude each other: give one of them')
  }
  if (git) await fetchInto(git, context, options)
  if (upload !== undefined)
    await (await import('../unpack/unpack.ts')).unpack(context.upload(upload), context.workspace)
  return context.workspace
}

async function fetchInto(
  git: NonNullable<Source['git']>,
  { workspace, signal, secrets, log }: Context<unknown>,
  options: { withLinks: boolean },
): Promise<void> {
  const { checkOut } = await import('./git.ts')
  const { token } = git
  const use = token === undefined ? undefined : <T>(call: (bytes: Uint8Array) => T) => secrets.use(token, call)
  const { commit } = await checkOut(git, { directory: workspace, ...options, token: use, signal })
  log.info(`${git.url} at ${git.ref} is ${commit}`)
}
