/** Whether an identity token is what it says. What decides is pure but for the keys; the library comes with the first token. */
import type { JSONWebKeySet, JWTPayload } from 'jose'
import { Refusal } from '../../task/errors.ts'

/** Signatures of a private key alone: with a shared secret, the public key could be taken for the secret. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']
const skewSeconds = 30
const longestSubject = 512

export interface Proven {
  readonly claims: JWTPayload
  readonly subject: string
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}

/** Three parts of base64url, of which the first begins as JSON does. */
export function looksLikeIdentity(token: string): boolean {
  return /^eyJ[\w-]*\.[\w-]+\.[\w-]*$/.test(token)
}

/** Who says to have made it, and with which key. Throws UNAUTHORIZED. */
export async function claimedBy(token: string): Promise<{ issuer: string; kid: string | undefined }> {
  const { decodeJwt, decodeProtectedHeader } = await import('jose')
  try {
    const [{ iss }, { kid }] = [decodeJwt(token), decodeProtectedHeader(token)]
    return { issuer: String(iss), kid }
  } catch (cause) {
    throw new Refusal('UNAUTHORIZED', 'this looks like an identity token and is none: use another one', { cause })
  }
}

/** Throws UNAUTHORIZED with what is wrong. */
export async function prove(
  token: string,
  { issuer, audience, keys, now }: { issuer: string; audience: string; keys: JSONWebKeySet; now: number },
): Promise<Proven> {
  const { createLocalJWKSet, jwtVerify } = await import('jose')
  const claims = await jwtVerify(token, createLocalJWKSet(keys), {
    issuer,
    audience,
    algorithms,
    clockTolerance: skewSeconds,
    requiredClaims: ['exp', 'iat', 'sub'],
    currentDate: new Date(now),
  }).then(
    ({ payload }) => payload,
    (error) => {
      throw new Refusal('UNAUTHORIZED', complaintOf(error, audience), { cause: error })
    },
  )
  const { sub = '', exp = 0, iat = 0 } = claims
  if (iat * 1000 > now + skewSeconds * 1000) {
    throw new Refusal('UNAUTHORIZED', 'this identity token is from the future: set the clocks, and get another one')
  }
  if (!/^[^\p{Cc}\p{Zl}\p{Zp}]+$/u.test(sub) || sub.length > longestSubject) {
    throw new Refusal('UNAUTHORIZED', 'the subject of this identity token cannot be written down: use another one')
  }
  return { claims, subject: sub, expiresAt: (exp + skewSeconds) * 1000 }
}

function complaintOf(error: unknown, audience: string): string {
  const { code, claim } = error as { code?: unknown; claim?: unknown }
  if (code === 'ERR_JWT_EXPIRED') return 'this identity token has expired: get another one'
  if (claim === 'aud') return `this identity token is for others: get one with the audience ${audience}`
  if (claim === 'nbf') return 'this identity token does not hold yet: set the clocks, or wait'
  if (code === 'ERR_JWT_CLAIM_VALIDATION_FAILED') return `this identity token has no right ${claim}: use another one`
  return 'this identity token is not signed as it must be: get another one'
}
