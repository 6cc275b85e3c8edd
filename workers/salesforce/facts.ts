/** What is known of a failure, of an answer or of a connection: by it errors are told apart. */

/** What is known of a failure: of an answer its status, code and message; of a connection the code of its error. */
export interface Facts {
  readonly status?: number
  readonly code?: string
  readonly message: string
  readonly network?: string
}

export const networkCodes = [
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EPIPE',
  'ENETDOWN',
  'ENETUNREACH',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'UND_ERR_SOCKET',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
]

const networkText =
  /^terminated$|other side closed|socket hang up|Client network socket disconnected before secure TLS connection was established/

/** What a thrown thing tells, looked for through its causes: of connections the code is on the innermost. */
export function factsOf(thrown: unknown): Facts {
  const chain = [...causesOf(thrown)]
  const message = chain.map(messageOf).find((text) => text !== '' && text !== 'fetch failed') ?? String(thrown)
  const network = chain.map(codeOf).find((code) => code !== undefined && networkCodes.includes(code))
  if (network !== undefined) return { network, message }
  if (chain.some((one) => messageOf(one).match(networkText))) return { network: 'UND_ERR_SOCKET', message }
  if (chain.some(isTimeout)) return { network: 'ETIMEDOUT', message }
  // A compressed answer that was cut short.
  if (chain.some((one) => codeOf(one)?.startsWith('Z_'))) return { network: 'UND_ERR_SOCKET', message }
  const code = chain.map((one) => (one as { errorCode?: unknown }).errorCode).find((one) => typeof one === 'string')
  return { message, ...(typeof code === 'string' && { code }) }
}

function* causesOf(thrown: unknown): Generator<object> {
  let one = thrown
  for (let depth = 0; depth < 10 && typeof one === 'object' && one !== null; depth++) {
    yield one
    one = (one as { cause?: unknown }).cause
  }
}

function messageOf(one: object): string {
  const { message } = one as { message?: unknown }
  return typeof message === 'string' ? message : ''
}

function codeOf(one: object): string | undefined {
  const { code } = one as { code?: unknown }
  return typeof code === 'string' ? code : undefined
}

function isTimeout(one: object): boolean {
  return (one as { name?: unknown }).name === 'TimeoutError'
}
