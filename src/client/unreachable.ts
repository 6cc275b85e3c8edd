/** Why a server could not be reached, in sentences that say what to do. What runtimes say of it is for their makers. */

type Sentence = (url: string, host: string) => string

/** By the codes of Node; browsers give none. */
const sentences: Readonly<Record<string, Sentence>> = {
  ECONNREFUSED: (url) => `nothing listens at ${url}: start the server, or correct the address`,
  ENOTFOUND: (_url, host) => `there is no host ${host}: correct the address, or see that the network or VPN is up`,
  EAI_AGAIN: (_url, host) => `the name ${host} cannot be looked up now: see that the network or VPN is up`,
  CERT_HAS_EXPIRED: (url) =>
    `the certificate of ${url} has expired: have its operator renew it, and look at the clock of this machine`,
  ERR_TLS_CERT_ALTNAME_INVALID: (url, host) =>
    `the certificate of ${url} is not for ${host}: use the name that it was made for, or have its operator mend it`,
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  ERR_SSL_WRONG_VERSION_NUMBER: noTls,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: noTls,
}

/** Always a sentence, the reason in it where it is a strange one. */
export function unreachable(url: string, cause: unknown): string {
  const known = knownReason(url, cause)
  return (
    known ?? `${url} cannot be reached (${reasonOf(cause)}): see that the server runs and that the address is right`
  )
}

/** The sentence for a reason that is known; undefined for any other. */
export function knownReason(url: string, cause: unknown): string | undefined {
  const code = codeOf(cause) ?? ''
  if (Object.hasOwn(sentences, code)) return sentences[code]?.(url, new URL(url).hostname)
  if (!isOfTls(code)) return undefined
  return `the certificate of ${url} is not trusted (${code}): have its operator mend it, or let this machine trust its issuer`
}

/** Whether this machine does not know who made the certificate. */
export function isUntrusted(cause: unknown): boolean {
  return sentences[codeOf(cause) ?? ''] === untrusted
}

/** Runtimes hide the reason one or two causes deep. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code } = error as { code?: unknown }
  if (error.cause) return reasonOf(error.cause)
  return error.message || String(code ?? error.name)
}

function untrusted(url: string): string {
  return `the certificate of ${url} is by an issuer that this machine does not trust: name that issuer's certificate in NODE_EXTRA_CA_CERTS`
}

function noTls(url: string): string {
  return `${url} does not speak TLS: if that is meant to be so, use ${url.replace(/^https/, 'http')}`
}

function isOfTls(code: string): boolean {
  return /^(ERR_TLS_|ERR_SSL_)|CERT|SIGNATURE|CRL/.test(code)
}

/** The first code of a system or of TLS on the way down; our own errors have codes of another kind. */
function codeOf(error: unknown): string | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth++) {
    const { code, errors, name } = at as { code?: unknown; errors?: unknown; name: string }
    if (typeof code === 'string' && name !== 'MayflyError') return code
    if (Array.isArray(errors) && errors.length > 0) return codeOf(errors[0])
  }
  return undefined
}
