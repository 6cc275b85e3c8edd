/**
 * The session that a task is lent, and what happens when it has ended: the task submits
 * auth.refresh as a child, ends its process until that has settled, and goes on as a new attempt with a new lease. Only
 * auth.refresh is ever lent the login itself.
 */
import type { Child } from '../children.ts'
import type { Context } from '../context.ts'
import { FatalError, RetryableError } from '../errors/steering.ts'
import type { SalesforceError } from './errors.ts'

/** What is stored as `org/<alias>/session`. */
export interface Session {
  readonly accessToken: string
  readonly instanceUrl: string
  readonly orgId: string
  readonly userId: string
  readonly username: string | null
  readonly issuedAtMs: number
  /** Null when nothing is known of it. */
  readonly expiresAtMs: number | null
}

/**
 * As it is stored: coded, because of JSON every value would be masked, so that no result could name the org or its user.
 * Whoever reads it has the token masked.
 */
export function encodeSession(session: Session): Uint8Array {
  return Buffer.from(Buffer.from(JSON.stringify(session)).toString('base64url'))
}

function decodeSession(text: string): Session | null {
  try {
    const session = JSON.parse(Buffer.from(text, 'base64url').toString()) as Session
    return typeof session.accessToken === 'string' && typeof session.instanceUrl === 'string' ? session : null
  } catch {
    return null
  }
}

/** The session in the lease under this name, whose token is masked from now on; null when there is none. */
export async function lentSession({ secrets }: Pick<Context, 'secrets'>, name: string): Promise<Session | null> {
  if (!secrets.names.includes(name)) return null
  const session = decodeSession(secrets.text(name))
  if (session === null) {
    const message = `the secret ${name} is no session as auth.refresh stores it: delete it, and the next task makes a new one`
    throw new FatalError(message, { code: 'AUTH_INVALID' })
  }
  await secrets.mask(session.accessToken)
  return session
}

type SessionContext = Pick<Context, 'attempt' | 'secrets' | 'submit' | 'children' | 'suspend' | 'log'>

export interface SessionOptions {
  readonly alias: string
  /** Name of the secret in the lease. */
  readonly secret: string
  /** What fails then goes on in the org. */
  readonly isCleanup: boolean
}

export class LentSession {
  readonly #context: SessionContext
  readonly #options: SessionOptions
  readonly #session: Session | null
  /** An answer came that was not a refusal of the session: it has worked in this attempt. */
  #hasWorked = false

  private constructor(context: SessionContext, options: SessionOptions, session: Session | null) {
    this.#context = context
    this.#options = options
    this.#session = session
  }

  /** Does not return while there is no session that can be used: the task is suspended until there is. */
  static async open(context: SessionContext, options: SessionOptions, now = Date.now()): Promise<LentSession> {
    const lent = new LentSession(context, options, await lentSession(context, options.secret))
    const refresh = await lent.#awaitedRefresh()
    // A cleanup begins without waiting for what the attempt before it has asked for.
    if (refresh && !isOver(refresh)) return context.suspend({ children: [refresh.id] })
    if (refresh && refresh.state !== 'succeeded') throw refused(refresh, options)
    const session = lent.#session
    if (session === null && refresh) throw notLent(options)
    // One that is new is used whatever the clock says: the org decides, and its clock may be another.
    if (session === null || (!refresh && session.expiresAtMs !== null && session.expiresAtMs <= now)) await lent.renew()
    return lent
  }

  get value(): Session {
    if (this.#session) return this.#session
    throw new Error('a session is used before it is opened')
  }

  worked(): void {
    this.#hasWorked = true
  }

  /** Ends this process until there is a newer session. Throws when the newest there can be was refused, too. */
  async renew(error?: SalesforceError): Promise<never> {
    const { alias } = this.#options
    if (error && !this.#hasWorked && isRefreshed(await this.#awaitedRefresh())) throw stillRefused(this.#options, error)
    const after = this.#session?.issuedAtMs ?? 0
    this.#context.log.info(`the session of org ${alias} has ended or was not there: auth.refresh makes a new one`)
    const child = await this.#context.submit(keyOf(alias, this.#context.attempt), {
      kind: 'auth.refresh',
      input: { org: alias, after },
    })
    return this.#context.suspend({ children: [child.id] })
  }

  /** The child that this attempt has waited for; none of an attempt that began otherwise. */
  async #awaitedRefresh(): Promise<Child | undefined> {
    const { attempt } = this.#context
    if (attempt < 2) return undefined
    const key = keyOf(this.#options.alias, attempt - 1)
    return (await this.#context.children()).find((child) => child.key === key)
  }
}

function keyOf(alias: string, attempt: number): string {
  return `auth:${alias}:${attempt}`
}

function isOver({ state }: Child): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'cancelled'
}

function isRefreshed(child: Child | undefined): boolean {
  return (child?.result as { refreshed?: boolean } | null | undefined)?.refreshed === true
}

/** An error because of which there is no session, and the code with which auth.refresh failed. */
export type Refused = Error & { readonly reason: string }

export function isRefused(error: Error): error is Refused {
  return 'reason' in error
}

function refused({ error, state }: Child, { alias, isCleanup }: SessionOptions): Refused {
  const { code: reason, message } = error ?? { code: 'CANCELLED', message: `auth.refresh was ${state}` }
  // It has tried as often as it may; that says nothing of a later time.
  const isPassing = /^(?:NETWORK|SERVER)_TRANSIENT$|^THROTTLED_/.test(reason)
  const rest = isCleanup ? goesOn : ''
  const refusal = isPassing
    ? new RetryableError(`org ${alias} gives no session now: ${message}${rest}`, { code: reason })
    : new FatalError(`org ${alias} gives no session: ${message}${rest}`, { code: 'AUTH_INVALID' })
  return Object.assign(refusal, { reason })
}

function notLent({ alias, secret }: SessionOptions): Error {
  const message = `org ${alias} has a session, and this task is lent another that is not there: let its request say nothing of the secret ${secret}`
  return new FatalError(message, { code: 'AUTH_INVALID' })
}

/** The end of what a cleanup says that has no session. */
const goesOn = '. What this task began in the org goes on there: stop it there'

function stillRefused({ alias, isCleanup }: SessionOptions, error: SalesforceError): Error {
  const message = `org ${alias} refuses a session that is new, while ${error.step}: ${error.salesforceMessage}. Look at the connected app's policies, at IP restrictions and at the user, and store the login again${isCleanup ? goesOn : ''}`
  return Object.assign(new FatalError(message, { code: 'AUTH_INVALID', cause: error }), { reason: 'AUTH_INVALID' })
}
