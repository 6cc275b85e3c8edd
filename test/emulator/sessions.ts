import { generateKeyPairSync, randomBytes } from 'node:crypto'

/** What an access token stands for. */
export interface Session {
  readonly token: string
  readonly userId: string
  readonly clientId: string
  readonly issuedAtMs: number
  readonly expiresAtMs: number
}

interface Grant {
  readonly userId: string
  readonly clientId: string
}

/** The app that clients of one org log in with. */
export interface App {
  readonly clientId: string
  readonly clientSecret: string
}

/** Who may come in: the access tokens, refresh tokens and codes of one org. */
export class Sessions {
  app: App
  /** Whether using a refresh token replaces it. */
  rotate = false
  lifetimeMs = 2 * 60 * 60 * 1000
  /** Opaque tokens, or JWTs as some apps are set up to issue: these say when they end, and open no SOAP API. */
  format: 'opaque' | 'jwt' = 'opaque'
  readonly #tokens = new Map<string, Session>()
  readonly #refreshTokens = new Map<string, Grant>()
  readonly #codes = new Map<string, Grant>()
  readonly #orgId: string
  readonly #now: () => number
  #origin: Sessions | null = null
  #keys: { readonly publicKey: string; readonly privateKey: string } | null = null

  constructor(orgId: string, name: string, now: () => number) {
    this.#orgId = orgId
    this.#now = now
    this.app = { clientId: `3MVG9.${name.replaceAll(/\W/g, '_')}`, clientSecret: secret(16) }
  }

  /** The pair of the app's certificate; made when first asked for, because that takes a while. */
  get keys(): { readonly publicKey: string; readonly privateKey: string } {
    if (this.#origin) return this.#origin.keys
    this.#keys ??= generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    })
    return this.#keys
  }

  /** The org knows the app of the one that it was made from, with its certificate; under another id if one is given. */
  adoptApp(origin: Sessions, clientId: string = origin.app.clientId): void {
    this.#origin = origin
    this.app = { ...origin.app, clientId }
  }

  open({ userId, clientId }: Grant): Session {
    const issuedAtMs = this.#now()
    const expiresAtMs = issuedAtMs + this.lifetimeMs
    const token = this.format === 'jwt' ? jwtOf(userId, expiresAtMs) : `${this.#orgId}!AQ${secret(24)}`
    const session = { token, userId, clientId, issuedAtMs, expiresAtMs }
    this.#tokens.set(token, session)
    return session
  }

  /** The live session of a token. */
  find(token: string | null): Session | null {
    const session = token === null ? undefined : this.#tokens.get(token)
    return session && session.expiresAtMs > this.#now() ? session : null
  }

  makeRefreshToken(grant: Grant): string {
    const token = `5Aep${secret(24)}`
    this.#refreshTokens.set(token, grant)
    return token
  }

  /** Null for a token that was never given, was revoked or has been replaced. */
  grantOf(refreshToken: string | null): Grant | null {
    return (refreshToken !== null && this.#refreshTokens.get(refreshToken)) || null
  }

  /** A new token in place of this one, which opens nothing any more. */
  replace(refreshToken: string, grant: Grant): string {
    this.#refreshTokens.delete(refreshToken)
    return this.makeRefreshToken(grant)
  }

  makeCode(grant: Grant): string {
    const code = `aPrx${secret(16)}`
    this.#codes.set(code, grant)
    return code
  }

  knowsCode(code: string | null): boolean {
    return code !== null && this.#codes.has(code)
  }

  /** A code works once. */
  takeCode(code: string | null): Grant | null {
    const grant = (code !== null && this.#codes.get(code)) || null
    if (code !== null) this.#codes.delete(code)
    return grant
  }

  /** Whether there was anything to revoke. */
  revoke(token: string | null): boolean {
    return token !== null && (this.#tokens.delete(token) || this.#refreshTokens.delete(token))
  }

  expireAll(): void {
    this.#tokens.clear()
  }

  /** Nobody comes in any more, neither with a session nor with a refresh token. */
  revokeAll(): void {
    this.#tokens.clear()
    this.#refreshTokens.clear()
  }
}

export function isJwt(token: string): boolean {
  return token.split('.').length === 3
}

/** Nobody but the emulator checks it, by looking it up: its signature is noise. */
function jwtOf(sub: string, expiresAtMs: number): string {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode({ sub, exp: Math.floor(expiresAtMs / 1000) })}.${secret(64)}`
}

export function secret(bytes: number): string {
  return randomBytes(bytes).toString('base64url')
}
