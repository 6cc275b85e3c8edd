/**
 * Opens the org that was made, and stores its login and its session under its alias: never in a result, a checkpoint or a
 * log. The code with which a scratch org is opened works once: where it was used and what came of it was not stored, the
 * org cannot be opened any more, and another one is made.
 */
import { FatalError } from '../errors/steering.ts'
import { redeem } from '../salesforce/auth/exchange.ts'
import { SalesforceError } from '../salesforce/errors.ts'
import { encodeSession, lentSession } from '../salesforce/session.ts'
import type { App } from './app.ts'
import type { Made } from './saved.ts'
import { commonApp, deleteScratch } from './scratch.ts'
import type { Tools } from './tools.ts'

const sessionSeconds = 7_200
const maxTries = 10

/** Returns once the session that this attempt is lent is one of the new org. */
export async function logIn(tools: Tools, app: App): Promise<void> {
  const { context, memory } = tools
  const made = memory.saved.made
  if (!made) throw new FatalError('there is no org to log in to')
  const session = await lentSession(context, 'made')
  if (session && isSame(session.orgId, made.orgId)) {
    memory.note({ made: { ...made, username: session.username ?? made.username, loginUrl: session.instanceUrl } })
    return
  }
  if (app.privateKeyPem !== undefined && context.input.scratch) return byKey(tools, app, made)
  if (memory.saved.loggedInMs !== null) return refreshed(tools, made)
  return redeemed(tools, app, made)
}

function isSame(one: string, other: string): boolean {
  return one.slice(0, 15) === other.slice(0, 15)
}

/** Stored by each attempt until a session was made of it. */
async function byKey(tools: Tools, { clientId, privateKeyPem }: App, made: Made): Promise<never> {
  const { context, memory } = tools
  if (memory.saved.loggedInMs === null) await memory.save({ loggedInMs: Date.now() })
  const { username, loginUrl } = await openingOfScratch(tools, made)
  await context.secrets.store('login', JSON.stringify({ kind: 'jwt', clientId, username, privateKeyPem, loginUrl }))
  return refreshed(tools, made)
}

/** By the login that is stored already: auth.refresh makes a session of it, or it was another org's. */
async function refreshed(tools: Tools, made: Made): Promise<never> {
  const { context, memory } = tools
  const { alias } = context.input
  const key = `login:${made.infoId}`
  const child = (await context.children()).find((one) => one.key === key)
  if (child === undefined) {
    const after = memory.saved.loggedInMs ?? Date.now()
    const retry = { maxAttempts: 3, backoffSeconds: context.input.pollSeconds ?? 5 }
    const { id } = await context.submit(key, { kind: 'auth.refresh', input: { org: alias, after }, retry })
    return context.suspend({ children: [id] })
  }
  if (!['succeeded', 'failed', 'cancelled'].includes(child.state)) return context.suspend({ children: [child.id] })
  const why = child.error?.message ?? 'the login that is stored is one of another org'
  if (context.input.scratch && memory.saved.failed.length < 2) return anew(tools, made, why)
  throw new FatalError(`nobody can log in to the new org ${alias}: ${why}`, { code: 'AUTH_INVALID' })
}

/** An org that nobody can open is of no use: it makes room for another. */
async function anew(tools: Tools, { infoId }: Made, why: string): Promise<never> {
  const { context, memory } = tools
  context.log.warn(`nobody can log in to the new org ${context.input.alias}, another one is made: ${why}`)
  await deleteScratch(await tools.hub(), infoId)
  const done = memory.saved.done.filter(({ name }) => name !== 'create')
  const failed = [...memory.saved.failed, infoId]
  memory.note({ done, failed, made: null, job: null, loggedInMs: null, begunMs: null })
  return context.suspend({ resumeAt: new Date(), checkpoint: memory.json })
}

async function redeemed(tools: Tools, app: App, made: Made): Promise<never> {
  const { context, memory } = tools
  const isIn = (await comesIn(tools, app, made)) || (context.input.sandbox && (await comesIn(tools, app, made)))
  // Who starts from now on is lent the session.
  if (isIn) return context.suspend({ resumeAt: new Date() })
  context.log.warn(`the code that opens org ${context.input.alias} was used before: the login that is stored is tried`)
  await memory.save({ loggedInMs: Date.now() })
  return refreshed(tools, made)
}

/** False when the code is spent: its answer was lost, say. A sandbox gives a new one to whoever asks once more. */
async function comesIn(tools: Tools, { clientId, clientSecret }: App, made: Made): Promise<boolean> {
  const { context } = tools
  const hub = await tools.hub()
  const { code, loginUrl } = await (context.input.sandbox
    ? openingOfSandbox(tools, clientId)
    : openingOfScratch(tools, made))
  await context.secrets.mask(code)
  const secret = clientSecret === undefined ? {} : { clientSecret }
  try {
    const session = await redeem(
      { code, redirectUri: commonApp.callbackUrl, clientId, ...secret, loginUrl },
      {
        transport: hub.transport,
        sessionSeconds,
        known: (token) => context.secrets.mask(token),
        keep: (login) => context.secrets.store('login', JSON.stringify(login)),
      },
    )
    await context.secrets.store('session', encodeSession(session))
    return true
  } catch (error) {
    if ((error as { code?: string }).code === 'AUTH_INVALID') return false
    throw error
  }
}

interface Opening {
  readonly code: string
  readonly username: string
  readonly loginUrl: string
}

async function openingOfScratch(tools: Tools, { infoId }: Made): Promise<Opening> {
  const hub = await tools.hub()
  hub.step = 'reading what opens the new org'
  const soql = `SELECT AuthCode, LoginUrl, SignupUsername FROM ScratchOrgInfo WHERE Id = '${infoId}'`
  const [row] = await hub.data.query<Readonly<Record<'AuthCode' | 'LoginUrl' | 'SignupUsername', string | null>>>(soql)
  const { AuthCode: code, LoginUrl: loginUrl, SignupUsername: username } = row ?? {}
  if (code && loginUrl) return { code, loginUrl, username: username ?? '' }
  throw new FatalError(
    `org ${hub.alias} gives no code that opens the scratch org ${infoId}: its user may not, or the app of org/${hub.alias}/app is unknown there`,
    { code: 'AUTH_CONFIG' },
  )
}

/** A new code each time; right after a copy it takes a while until there is one. */
async function openingOfSandbox(tools: Tools, clientId: string): Promise<Opening> {
  const { memory, context } = tools
  const production = await tools.hub()
  production.step = `asking for a way into the sandbox ${context.input.sandbox?.name}`
  try {
    const json = { sandboxName: context.input.sandbox?.name, clientId, callbackUrl: commonApp.callbackUrl }
    const opened = await production.request<{ authCode: string; loginUrl: string; authUserName: string }>(
      '/tooling/sandboxAuth',
      { method: 'POST', json, repeatable: true },
    )
    return { code: opened.authCode, loginUrl: opened.loginUrl, username: opened.authUserName }
  } catch (error) {
    if (!(error instanceof SalesforceError && error.status === 404) || memory.saved.tries >= maxTries) throw error
    context.log.warn(`${error.message} It is tried again.`)
    memory.note({ tries: memory.saved.tries + 1 })
    return tools.later(30)
  }
}
