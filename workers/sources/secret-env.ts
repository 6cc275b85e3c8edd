/** What the environment of a command gets of the secrets that a task is lent. */
import type { Context } from '../context.ts'

type Variables = Readonly<Record<string, string>>

/** By variable the name of a secret. */
export async function variablesOf(secretEnv: Variables, { secrets }: Pick<Context, 'secrets'>): Promise<Variables> {
  const found: Record<string, string> = {}
  for (const [name, secret] of Object.entries(secretEnv)) {
    const text = secrets.text(secret)
    Object.assign(found, isSession(name, text) ? await variablesOfSession(secret, { secrets }) : { [name]: text })
  }
  for (const [name, text] of Object.entries(found)) refuseNul(name, text)
  return found
}

/** The variable in which Salesforce's own tools look for a token; a token itself is no base64url. */
function isSession(name: string, text: string): boolean {
  return name === 'SF_ACCESS_TOKEN' && /^[A-Za-z0-9_-]+$/.test(text)
}

/** Of a session as auth.refresh stores it: its token, masked from now on, and where that is good for something. */
async function variablesOfSession(secret: string, context: Pick<Context, 'secrets'>): Promise<Variables> {
  const { lentSession } = await import('../salesforce/session.ts')
  const session = await lentSession(context, secret)
  return session ? { SF_ACCESS_TOKEN: session.accessToken, SF_ORG_INSTANCE_URL: session.instanceUrl } : {}
}

/** Checked here, because what Node says of it shows the value. */
function refuseNul(name: string, text: string): void {
  if (!text.includes('\0')) return
  const message = `secretEnv.${name} holds the character NUL, which no environment can: hand it on with secretFiles`
  throw Object.assign(new Error(message), { code: 'INVALID_INPUT', retryable: false })
}
