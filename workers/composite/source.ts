/** The sources that all steps of a task work on: the same for each of them, whatever is pushed meanwhile. */
import type { JsonObject } from '../../src/task/json.ts'
import type { Context } from '../context.ts'
import { invalidInput } from '../errors/steering.ts'
import { commitOf, type GitReference, gitSchema } from '../sources/git.ts'

export interface GitInput {
  readonly git?: GitReference
  /** Which secret of the vault has the token. */
  readonly gitToken?: string
}

export const gitProperties = {
  git: gitSchema,
  gitToken: {
    type: 'string',
    pattern: '^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$',
    description: 'the name of a token for git and its forge: the secret git/<name>',
  },
} as const

/** Of a kind that has such an input. */
export const gitSecrets = { git: { reference: 'vault:git/{gitToken}' } } as const

/** The lent token, for git; undefined where the request names none. */
export function tokenOf({ input, secrets }: Context<GitInput>) {
  if (input.gitToken === undefined) return undefined
  if (!secrets.names.includes('git'))
    throw invalidInput(`gitToken: there is no secret git/${input.gitToken}: store one under that name`)
  return <T>(use: (bytes: Uint8Array) => T) => secrets.use('git', use)
}

/** What the reference is now. */
export function commitNow(context: Context<GitInput>, git: GitReference): Promise<string> {
  const { workspace, signal } = context
  return commitOf(git, { directory: workspace, token: tokenOf(context), signal })
}

/** What the request of a step takes of it. */
export interface Pinned {
  readonly input: JsonObject
  readonly secrets: { readonly secrets?: Readonly<Record<string, string>> }
}

/** The sources at this commit, and what they are fetched with. */
export function pinned({ git, gitToken }: GitInput, commit: string): Pinned {
  const url = git?.url ?? ''
  if (gitToken === undefined) return { input: { git: { url, ref: commit } }, secrets: {} }
  return {
    input: { git: { url, ref: commit, token: 'git' } },
    secrets: { secrets: { git: `vault:git/${gitToken}` } },
  }
}

/** The members that are there: JSON has no undefined. */
export function given(members: Readonly<Record<string, unknown>>): JsonObject {
  return JSON.parse(JSON.stringify(members)) as JsonObject
}
