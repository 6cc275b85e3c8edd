import type { Context } from '../context.ts'
import type { GitReference } from './git.ts'

/** Where a task takes files from, before it begins. */
export interface Source {
  readonly path?: string
  readonly git?: GitReference & { readonly token?: string }
}

/** Brings the sources into the workspace; the directory that they lie in. */
export async function sourceOf(
  source: Source,
  context: Context<unknown>,
  options: { withLinks: boolean },
): Promise<string> {
  const { workspace, signal } = context
  const { git } = source
  if (!git) return workspace
  const { checkOut } = await import('./git.ts')
  const { token } = git
  const use = token === undefined ? undefined : <T>(call: (bytes: Uint8Array) => T) => context.secrets.use(token, call)
  const { commit } = await checkOut(git, { directory: workspace, ...options, token: use, signal })
  context.log.info(`${git.url} at ${git.ref} is ${commit}`)
  return workspace
}
