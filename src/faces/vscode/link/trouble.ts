import { MayflyError } from '../../../client/client.ts'
import { isUntrusted, knownReason } from '../../../client/unreachable.ts'

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
  if (error.message.includes('(bad port)'))
    return `No browser asks at ${new URL(url).port}, the port of ${url}: use another.`
  if (isUntrusted(error)) return untrusted(url)
  const known = knownReason(url, error)
  if (known !== undefined) return `${capital(known)}.`
  if (hasAnswered) return `${url} does not answer any more: see that the server and the network are up.`
  if (origin !== undefined && isMixed(url, origin)) {
    return `Browsers let no page of https, such as ${origin}, ask a server over http: put TLS before ${url}, and connect to that.`
  }
  if (origin !== undefined) {
    return `${url} cannot be reached from here: see that it runs, that its certificate is trusted, and that its setting allowedOrigins names ${origin}.`
  }
  return `${capital(error.message)}, and that “http.proxy” is, where there is a proxy.`
}

/** Only of the machine itself may such a page ask without TLS. */
function isMixed(url: string, origin: string): boolean {
  const { protocol, hostname } = new URL(url)
  const isHere = /^(localhost|127\..*|\[::1\])$/.test(hostname)
  return protocol === 'http:' && origin.startsWith('https:') && !isHere
}

function untrusted(url: string): string {
  return `The certificate of ${url} is by an issuer that this machine does not trust: add that issuer to the certificates of the system, and start the editor again.`
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

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function capital(text: string): string {
  const first = /^https?:/.test(text) ? text.charAt(0) : text.charAt(0).toUpperCase()
  return first + text.slice(1).replace(/\.$/, '')
}
