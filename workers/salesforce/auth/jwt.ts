/** The assertion of the OAuth JWT bearer flow: signed by the key whose certificate the connected app knows. */
import { createPrivateKey, sign } from 'node:crypto'
import { FatalError } from '../../errors/steering.ts'
import type { Login } from './login.ts'

type JwtLogin = Extract<Login, { kind: 'jwt' }>

const lifetimeSeconds = 180

export function assertionOf(
  { clientId, username, privateKeyPem, loginUrl, audience }: JwtLogin,
  nowMs: number,
): string {
  const claims = {
    iss: clientId,
    sub: username,
    aud: audience ?? audienceOf(loginUrl),
    exp: Math.floor(nowMs / 1_000) + lifetimeSeconds,
  }
  const signed = `${encode({ alg: 'RS256' })}.${encode(claims)}`
  return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), keyOf(privateKeyPem)).toString('base64url')}`
}

/** An org's own domain belongs to one of the two places where all log in. */
function audienceOf(loginUrl: string): string {
  const { hostname } = new URL(loginUrl)
  if (!hostname.endsWith('.my.salesforce.com')) return loginUrl
  const isSandbox = /\.(?:sandbox|scratch)\.my\.salesforce\.com$/.test(hostname)
  return isSandbox ? 'https://test.salesforce.com' : 'https://login.salesforce.com'
}

function keyOf(pem: string) {
  try {
    return createPrivateKey(pem)
  } catch {
    throw new FatalError(
      'the login that is stored for the org cannot be used: its privateKeyPem is no private key in PEM form without a passphrase',
      { code: 'AUTH_CONFIG' },
    )
  }
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}

/** When a token that is itself a JWT ends, as it says; null of any other. */
export function expiryOf(token: string): number | null {
  try {
    const { exp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { exp?: unknown }
    return typeof exp === 'number' ? exp * 1_000 : null
  } catch {
    return null
  }
}
