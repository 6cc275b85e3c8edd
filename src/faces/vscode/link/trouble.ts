import { MayflyError } from '../../../client/client.ts'

/** What is known of the surroundings in which something went wrong. */
export interface Surroundings {
  readonly url: string
  /** Of the page, where the editor runs in a browser: such a server has to let it ask. */
  readonly origin?: string | undefined
  /** It has answered before: address, certificate and origin are right. */
  readonly hasAnswered?: boolean
}

/** What is wrong with a server, in one sentence that says what to do. */
export function sentenceOf(error: unknown, where: Surroundings): string {
  if (!(error instanceof MayflyError)) return `Something went wrong here: ${messageOf(error)}. Try it again.`
  switch (error.code) {
    case 'UNAUTHORIZED':
      return `${where.url} does not know the token, or it has expired: run “Mayfly: Connect” with a new one, which an admin makes with “mayfly tokens create”.`
    case 'FORBIDDEN':
      // The header is what the setting becomes.
      return `The token may not do that: ${error.message.replace('Mayfly-Tenant', 'the setting “mayfly.tenant”')}.`
    case 'UNREACHABLE':
      return unreachable(error, where)
    case 'UNEXPECTED':
      return unexpected(error, where)
    case 'NOT_FOUND':
      return error.message.startsWith('there is nothing at this address')
        ? otherVersion(where)
        : `${capital(error.message)}.`
    default:
      return `${capital(error.message)}.`
  }
}

/** Whether it is of no use to ask again before somebody has done something. */
export function isFinal(error: unknown): boolean {
  return error instanceof MayflyError && (error.code === 'UNAUTHORIZED' || error.code === 'FORBIDDEN')
}

/** REST answers, and yet no stream opens, again and again. */
export function streamless({ url }: Surroundings): string {
  return `${url} answers, but no stream can be opened: let the proxy before it pass WebSockets on to /v1/stream, and see that server and extension are of one version.`
}

function unreachable(error: MayflyError, { url, origin, hasAnswered }: Surroundings): string {
  const { hostname } = new URL(url)
  const code = codeOf(error) ?? ''
  if (error.message.includes('(bad port)'))
    return `No browser asks at ${new URL(url).port}, the port of ${url}: use another.`
  const sentence = Object.hasOwn(byCode, code) ? byCode[code]?.(url, hostname) : undefined
  if (sentence) return sentence
  if (isOfTls(code))
    return `The certificate of ${url} is not trusted (${code}): have its operator mend it, or let this machine trust its issuer.`
  if (hasAnswered) return `${url} does not answer any more: see that the server and the network are up.`
  if (origin !== undefined && isMixed(url, origin)) {
    return `Browsers let no page of https, such as ${origin}, ask a server over http: put TLS before ${url}, and connect to that.`
  }
  if (origin !== undefined) {
    return `${url} cannot be reached from here: see that it runs, that its certificate is trusted, and that its setting allowedOrigins names ${origin}.`
  }
  return `${capital(error.message)}: see that the server runs, that the address is right, and that “http.proxy” is, where there is a proxy.`
}

/** Only of the machine itself may such a page ask without TLS. */
function isMixed(url: string, origin: string): boolean {
  const { protocol, hostname } = new URL(url)
  const isHere = /^(localhost|127\..*|\[::1\])$/.test(hostname)
  return protocol === 'http:' && origin.startsWith('https:') && !isHere
}

const byCode: Readonly<Record<string, (url: string, host: string) => string>> = {
  ECONNREFUSED: (url) => `Nothing listens at ${url}: start the server, or correct the address.`,
  ENOTFOUND: (_url, host) => `There is no host ${host}: correct the address, or see that the network or VPN is up.`,
  EAI_AGAIN: (_url, host) => `The name ${host} cannot be looked up now: see that the network or VPN is up.`,
  CERT_HAS_EXPIRED: (url) =>
    `The certificate of ${url} has expired: have its operator renew it, and look at the clock of this machine.`,
  ERR_TLS_CERT_ALTNAME_INVALID: (url, host) =>
    `The certificate of ${url} is not for ${host}: use the name that it was made for, or have its operator mend it.`,
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  ERR_SSL_WRONG_VERSION_NUMBER: noTls,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: noTls,
}

function untrusted(url: string): string {
  return `The certificate of ${url} is by an issuer that this machine does not trust: add that issuer to the certificates of the system, and start the editor again.`
}

function noTls(url: string): string {
  return `${url} does not speak TLS: if that is meant to be so, use ${url.replace(/^https/, 'http')}.`
}

function isOfTls(code: string): boolean {
  return /^(CERT_|ERR_TLS_|ERR_SSL_)|CERT|SIGNATURE|CRL/.test(code)
}

function unexpected({ status, message }: MayflyError, where: Surroundings): string {
  if (status === 502 || status === 503 || status === 504) {
    return `A proxy answers for ${where.url}, and says ${status}: the server behind it is down or not reachable from there.`
  }
  if (message.includes('protocol')) return `${capital(message)}.`
  return `Something answers at ${where.url} that is not a Mayfly, or one of another version: correct the address, or update the older of server and extension.`
}

function otherVersion({ url }: Surroundings): string {
  return `${url} does not know what this extension asks for: correct the address, or update the older of server and extension.`
}

/** The reason lies some causes deep, and has a code there. */
function codeOf(error: unknown): string | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth++) {
    const { code, errors } = at as { code?: unknown; errors?: unknown }
    if (typeof code === 'string' && !(at instanceof MayflyError)) return code
    if (Array.isArray(errors) && errors.length > 0) return codeOf(errors[0])
  }
  return undefined
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function capital(text: string): string {
  const first = /^https?:/.test(text) ? text.charAt(0) : text.charAt(0).toUpperCase()
  return first + text.slice(1).replace(/\.$/, '')
}
