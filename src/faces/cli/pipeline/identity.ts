/** The identity token that a pipeline gives its job, for servers that trust the pipeline and need no secret. */
import { messageOf } from '../../../system/message.ts'
import { CommandError, EXIT } from '../exit.ts'

type Environment = Readonly<Record<string, string | undefined>>

const timeoutMs = 10_000
const soonMs = 60_000

/** GitHub is asked for one, again before it expires; GitLab has put it where its job says. Nothing where there is none. */
export function identityOf(env: Environment, url: string): (() => Promise<string>) | undefined {
  const { ACTIONS_ID_TOKEN_REQUEST_URL: address, ACTIONS_ID_TOKEN_REQUEST_TOKEN: secret, MAYFLY_ID_TOKEN: given } = env
  if (given) return async () => given
  if (!address || !secret) return undefined
  const audience = env.MAYFLY_AUDIENCE || new URL(url).origin
  let latest: string | undefined
  return async () => {
    if (latest === undefined || expiryOf(latest) - soonMs < Date.now()) latest = await ask(address, secret, audience)
    return latest
  }
}

/** Milliseconds since 1970; long ago for what does not say it, which is not kept then. */
function expiryOf(token: string): number {
  try {
    const { exp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'))
    return Number(exp) * 1000 || 0
  } catch {
    return 0
  }
}

async function ask(address: string, secret: string, audience: string): Promise<string> {
  try {
    const url = new URL(address)
    url.searchParams.set('audience', audience)
    const answer = await fetch(url, {
      headers: { authorization: `bearer ${secret}`, accept: 'application/json' },
      signal: AbortSignal.timeout(timeoutMs),
    })
    if (!answer.ok) throw new Error(`it answered ${answer.status}`)
    const { value } = (await answer.json()) as { value?: unknown }
    if (typeof value !== 'string') throw new Error('its answer holds no token')
    return value
  } catch (cause) {
    throw new CommandError(
      `GitHub gives this job no identity token (${messageOf(cause)}): see that it has the permission id-token: write, or set MAYFLY_TOKEN`,
      EXIT.UNREACHABLE,
      { cause },
    )
  }
}
