/** Tells GitHub, or a forge that speaks like it, what came of a commit. A forge that is away fails no build. */
import { messageOf } from '../../src/system/message.ts'
import type { Context } from '../context.ts'
import { invalidInput } from '../errors/steering.ts'
import type { BuildInput, StatusInput } from './input.ts'

export type CommitState = 'pending' | 'success' | 'failure' | 'error'

const maxTries = 3
const timeoutMs = 15_000
const waitMs = 1_000
/** GitHub takes no more. */
const longestDescription = 140

export async function tellCommit(
  context: Context<BuildInput>,
  commit: string,
  state: CommitState,
  description: string,
): Promise<void> {
  const { status, pollSeconds } = context.input
  if (!status) return
  const url = `${apiOf(status)}/repos/${status.repository}/statuses/${commit}`
  const request = requestOf(context, status, state, description)
  for (let tries = 1; ; tries++) {
    const fault = await post(url, request)
    if (fault === null) return
    if (tries === maxTries || !fault.isPassing)
      return context.log.warn(`what came of ${commit} is not told to ${url}: ${fault.message}`)
    await new Promise((resolve) => setTimeout(resolve, pollSeconds === undefined ? waitMs : pollSeconds * 1_000))
  }
}

async function post(url: string, request: RequestInit): Promise<{ message: string; isPassing: boolean } | null> {
  try {
    const response = await fetch(url, { ...request, signal: AbortSignal.timeout(timeoutMs) })
    const text = await response.text()
    if (response.ok) return null
    const isPassing = response.status >= 500 || response.status === 429
    return { message: `${response.status} ${text.slice(0, 300)}`, isPassing }
  } catch (error) {
    return { message: messageOf(error), isPassing: true }
  }
}

function requestOf(
  { secrets, input }: Context<BuildInput>,
  { context = 'mayfly/build.nightly', targetUrl }: StatusInput,
  state: CommitState,
  description: string,
): RequestInit {
  if (!secrets.names.includes('git'))
    throw invalidInput(`status needs gitToken, and the token as the secret git/${input.gitToken ?? '<name>'}`)
  const body = {
    state,
    context,
    description: description.slice(0, longestDescription),
    ...(targetUrl !== undefined && { target_url: targetUrl }),
  }
  return {
    method: 'POST',
    // Another host must not get the token.
    redirect: 'error',
    headers: {
      authorization: `Bearer ${secrets.text('git').trim()}`,
      accept: 'application/vnd.github+json',
      'content-type': 'application/json',
      'user-agent': 'mayfly',
    },
    body: JSON.stringify(body),
  }
}

/** The token goes there: unencrypted to this machine alone. */
function apiOf({ apiUrl = 'https://api.github.com' }: StatusInput): string {
  const url = URL.canParse(apiUrl) ? new URL(apiUrl) : undefined
  const isHere = url && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isHere)) return url.href.replace(/\/$/, '')
  throw invalidInput(`status.apiUrl is no https URL: ${apiUrl}`)
}
