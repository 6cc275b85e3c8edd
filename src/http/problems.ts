import type { Problem } from '../contract/problem.ts'
import { Refusal, type RefusalCode } from '../task/errors.ts'

interface Answer {
  readonly status: number
  readonly title: string
  readonly headers?: Readonly<Record<string, string>>
}

/** How each code is answered over HTTP: the only place that knows. */
const answers: Readonly<Record<RefusalCode, Answer>> = {
  BAD_REQUEST: { status: 400, title: 'The request is not right' },
  UNAUTHORIZED: { status: 401, title: 'No valid token', headers: { 'www-authenticate': 'Bearer' } },
  FORBIDDEN: { status: 403, title: 'Not allowed with this token' },
  NOT_FOUND: { status: 404, title: 'Not found' },
  CONFLICT: { status: 409, title: 'Not possible in this state' },
  TOO_LARGE: { status: 413, title: 'Too large' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, title: 'Not a media type that is read here' },
  UNKNOWN_KIND: { status: 422, title: 'Unknown kind' },
  INVALID_INPUT: { status: 422, title: 'The input does not fit its kind' },
  TOO_MANY: { status: 429, title: 'Too many', headers: { 'retry-after': '1' } },
  RATE_LIMITED: { status: 429, title: 'Too many submissions', headers: { 'retry-after': '1' } },
  QUEUE_FULL: { status: 429, title: 'Too many tasks wait', headers: { 'retry-after': '5' } },
  STORE_FULL: { status: 507, title: 'The store is full' },
  STOPPING: { status: 503, title: 'Stopping', headers: { 'retry-after': '5' } },
  INTERNAL: { status: 500, title: 'A fault of the server' },
}

/** What Fastify refuses by itself, in our words. */
const frameworkRefusals: Readonly<Record<string, () => Refusal>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: () => new Refusal('TOO_LARGE', 'the body is too large: send less'),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () =>
    new Refusal('UNSUPPORTED_MEDIA_TYPE', 'send the body as JSON, with "Content-Type: application/json"'),
  FST_ERR_BAD_URL: () => new Refusal('NOT_FOUND', 'there is nothing at this address'),
  FST_ERR_MAX_PARAM_LENGTH: () => new Refusal('NOT_FOUND', 'there is nothing at this address'),
}

export function toProblem(refusal: Refusal): Problem {
  const { status, title } = answers[refusal.code]
  const type = `urn:mayfly:problem:${refusal.code.toLowerCase().replaceAll('_', '-')}`
  const { code, message: detail, retryAfterSeconds } = refusal
  return { type, title, status, code, detail, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) }
}

export function headersOf(refusal: Refusal): Readonly<Record<string, string>> {
  const { headers = {} } = answers[refusal.code]
  const { retryAfterSeconds } = refusal
  return retryAfterSeconds === undefined ? headers : { ...headers, 'retry-after': String(retryAfterSeconds) }
}

/** Everything thrown becomes a refusal. What nobody meant to tell a stranger is INTERNAL, and stays its cause. */
export function toRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error
  const { code, statusCode } = error instanceof Error ? (error as Error & { code?: unknown; statusCode?: unknown }) : {}
  const known = typeof code === 'string' && Object.hasOwn(frameworkRefusals, code) ? frameworkRefusals[code] : undefined
  if (known) return known()
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
    return new Refusal('BAD_REQUEST', 'the request could not be read: check its headers and body', { cause: error })
  }
  return new Refusal('INTERNAL', 'something went wrong here: try again, and tell the operator if it goes on', {
    cause: error,
  })
}
