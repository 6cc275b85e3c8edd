/** Renews the stored session of an org: the work of auth.refresh. */
import type { Context } from '../../context.ts'
import { FatalError } from '../../errors/steering.ts'
import { encodeSession, lentSession, type Session } from '../session.ts'
import { limitsOf } from '../timeouts.ts'
import { Transport } from '../transport.ts'
import { exchange } from './exchange.ts'
import { type Login, readLogin } from './login.ts'

interface Wanted {
  /** A session that was made later than this is new enough. */
  readonly after: number | undefined
  readonly sessionSeconds: number
}

type RenewContext = Context<{ readonly org: string; readonly pollSeconds?: number }>

export async function renewSession(
  context: RenewContext,
  { after, sessionSeconds }: Wanted,
): Promise<{ session: Session; refreshed: boolean; rotated: boolean }> {
  const { secrets, log, input, signal } = context
  const stored = await lentSession(context, 'session')
  if (stored && after !== undefined && stored.issuedAtMs > after)
    return { session: stored, refreshed: false, rotated: false }
  if (!secrets.names.includes('login')) throw noLogin(input.org)
  const login = readLogin(secrets.text('login'))
  for (const part of partsOf(login)) await secrets.mask(part)
  refuseSpent(login, stored, after, input.org)
  if (login.kind === 'password')
    log.warn('Salesforce retires logins by password in summer 2027: store one of kind jwt or refreshToken instead')
  const transport = new Transport({
    org: input.org,
    signal,
    limits: limitsOf(process.env),
    ...(input.pollSeconds !== undefined && { longestWaitMs: input.pollSeconds * 1_000 }),
  })
  const { session, rotated } = await exchange(login, {
    transport,
    sessionSeconds,
    known: (token) => secrets.mask(token),
    keep: (next) => secrets.store('login', Buffer.from(JSON.stringify(next))),
  })
  if (stored && stored.orgId !== session.orgId)
    log.warn(`org ${input.org} is another one than before: ${session.orgId}, and it was ${stored.orgId}`)
  await secrets.store('session', encodeSession(session))
  return { session, refreshed: true, rotated: rotated !== null }
}

function noLogin(org: string): FatalError {
  return new FatalError(
    `org ${org} has no login here: is the alias right? Store one with \`mayfly secrets set org/${org}/login\``,
    { code: 'AUTH_CONFIG' },
  )
}

/** What of a `force://` URL is secret on its own: of JSON every value is masked anyway. */
function partsOf(login: Login): string[] {
  if (login.kind !== 'refreshToken') return []
  return [login.refreshToken, login.clientSecret ?? ''].filter((part) => part.length >= leastMaskedLength)
}

/** Shorter ones are words that would be masked everywhere. */
const leastMaskedLength = 8

/** An access token that was given as such cannot be renewed. */
function refuseSpent(login: Login, stored: Session | null, after: number | undefined, org: string): void {
  if (login.kind !== 'accessToken' || stored?.accessToken !== login.accessToken || after === undefined) return
  throw new FatalError(
    `the access token that is stored for the org has ended, and nothing renews it: store a new one as org/${org}/login, or a login of kind jwt or refreshToken`,
    { code: 'AUTH_EXPIRED' },
  )
}
