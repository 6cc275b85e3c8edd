import type { Problem } from '../contract/problem.ts'
import type { Answer, Asked, Fetch } from './asking.ts'
import { backoffMs, type Pace, realPace } from './backoff.ts'
import { isPassing, MayflyError } from './errors.ts'
import { reasonOf, unreachable } from './unreachable.ts'

export interface ClientOptions {
  /** Where the server is, such as http://127.0.0.1:7070. */
  readonly url: string | URL
  /** Without one the server says how it is, and nothing else. A function is asked each time, for tokens that do not last. */
  readonly token?: string | (() => Promise<string>) | undefined
  /** Only with an admin token: the tenant to act for. */
  readonly tenant?: string | undefined
  /** How long an answer may take; 60,000 when left out. Uploads and downloads take as long as they take. */
  readonly answerMs?: number | undefined
  /** How streams are opened: `token` in Node, whose WebSockets send headers, and `ticket` elsewhere when left out. */
  readonly streamsWith?: 'token' | 'ticket' | undefined
  /** What opens streams in place of the runtime's own WebSocket, always with tickets: for runtimes that have none. */
  readonly Socket?: SocketClass | undefined
  /** What is called in place of the runtime's own `fetch`. */
  readonly fetch?: Fetch | undefined
  /** What waits between tries; the real clock when left out. */
  readonly pace?: Pace | undefined
}

export type SocketClass = new (url: URL, protocol: string) => WebSocket

type Query = Readonly<Record<string, string | number | undefined>>

export interface Call {
  readonly query?: Query | undefined
  /** Sent as JSON. */
  readonly json?: unknown
  /** Sent as it is. */
  readonly body?: Exclude<Asked['body'], string>
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly signal?: AbortSignal | undefined
  /** Asking twice does no more than asking once: a call that fails in passing is tried again, three times in all. */
  readonly repeatable?: boolean | undefined
  /** What is sent takes as long as it takes: the time for the answer runs from its beginning. */
  readonly lasting?: boolean | undefined
  /** A status that is no failure here, though HTTP calls it one. */
  readonly alsoGood?: number | undefined
}

const isNode = Boolean((globalThis as { process?: { versions?: { node?: unknown } } }).process?.versions?.node)
const defaultAnswerMs = 60_000
const tries = 3

/** REST with our errors: whatever is not a success is thrown as MayflyError; an abort is thrown as its reason. */
export class Rest {
  readonly #options: ClientOptions
  readonly #base: URL

  constructor(options: ClientOptions) {
    this.#options = options
    if (typeof options.token === 'string') refuseOddHeader('the token', options.token)
    refuseOddHeader('the name of the tenant', options.tenant)
    this.#base = baseOf(options.url)
  }

  get streamsWith(): 'token' | 'ticket' {
    return this.#options.streamsWith ?? (isNode && !this.Socket ? 'token' : 'ticket')
  }

  get Socket(): SocketClass | undefined {
    return this.#options.Socket
  }

  get pace(): Pace {
    return this.#options.pace ?? realPace
  }

  async headers(): Promise<Record<string, string>> {
    const { token: given, tenant } = this.#options
    const token = typeof given === 'function' ? await given() : given
    refuseOddHeader('the token', token)
    return {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(tenant !== undefined && { 'mayfly-tenant': tenant }),
    }
  }

  /** `path` is relative to the server's address and does not begin with a slash. */
  urlOf(path: string, query: Query = {}): URL {
    const url = new URL(path, this.#base)
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, String(value))
    }
    return url
  }

  get<T>(path: string, call: Call = {}): Promise<T> {
    return this.json('GET', path, { repeatable: true, ...call })
  }

  async json<T>(method: string, path: string, call: Call = {}): Promise<T> {
    for (let failures = 1; ; failures++) {
      try {
        return (await this.whole<T>(method, path, call)).value
      } catch (error) {
        if (!call.repeatable || failures === tries || !isPassing(error)) throw error
        await this.pace.sleep(backoffMs(failures, this.pace.random), call.signal)
      }
    }
  }

  /** The answer once it is known to be a success; its body is still to be read. */
  async bytes(method: string, path: string, call: Call = {}): Promise<Answer> {
    const answer = await this.#answer(method, path, call)
    if (!answer.ok) throw await this.#problemOf(answer, call.signal)
    return answer
  }

  /** A whole answer and what its head says, in the time that an answer may take. */
  async whole<T>(method: string, path: string, call: Call = {}): Promise<{ value: T; headers: Answer['headers'] }> {
    const limit = new AbortController()
    const giveUp = () => limit.abort(new Error('it does not answer'))
    const inTime = () => setTimeout(giveUp, this.#options.answerMs ?? defaultAnswerMs)
    let timer = call.lasting ? undefined : inTime()
    const signal = call.signal ? AbortSignal.any([call.signal, limit.signal]) : limit.signal
    try {
      const answer = await this.#answer(method, path, call, signal)
      timer ??= inTime()
      if (!answer.ok && answer.status !== call.alsoGood) throw await this.#problemOf(answer, signal)
      return { value: await this.#parsed<T>(answer, signal), headers: answer.headers }
    } catch (error) {
      if (limit.signal.aborted && error === limit.signal.reason) throw this.#unreachable(error)
      throw error
    } finally {
      clearTimeout(timer)
    }
  }

  /** The answer as it begins, whatever it says. */
  async #answer(method: string, path: string, call: Call, signal = call.signal): Promise<Answer> {
    const { json, body = json === undefined ? undefined : written(json) } = call
    refuseOddHeader('the idempotency key', call.headers?.['idempotency-key'])
    const headers = {
      ...(await this.headers()),
      ...(json !== undefined && { 'content-type': 'application/json' }),
      ...call.headers,
    }
    const streaming = body instanceof ReadableStream ? { duplex: 'half' as const } : {}
    const ask = this.#options.fetch ?? fetch
    return this.#reach(signal, () =>
      ask(this.urlOf(path, call.query), {
        method,
        headers,
        ...streaming,
        ...(body !== undefined && { body }),
        ...(signal && { signal }),
      }),
    )
  }

  async #problemOf(answer: Answer, signal?: AbortSignal): Promise<MayflyError> {
    const { status, headers } = answer
    const retryAfter = Number(headers.get('retry-after') ?? Number.NaN)
    const details = { status, retryAfterSeconds: Number.isFinite(retryAfter) ? retryAfter : null }
    const text = await this.#reach(signal, () => answer.text())
    const problem = headers.get('content-type')?.startsWith('application/problem+json')
      ? (parse(text) as Problem)
      : null
    if (problem) return new MayflyError(problem.code, this.#detailOf(problem), details)
    return new MayflyError('UNEXPECTED', strange(this.#base.origin, status), details)
  }

  /** A route that is not there is one of another version, or of another server. */
  #detailOf({ code, detail }: Problem): string {
    if (code !== 'NOT_FOUND' || !detail.startsWith('there is nothing at this address')) return detail
    const { origin } = this.#base
    return `there is nothing at this address: ${origin} is of another version, so update the older of server and client, or correct the address`
  }

  /** Nothing where the answer is empty. */
  async #parsed<T>(answer: Answer, signal: AbortSignal): Promise<T> {
    const text = await this.#reach(signal, () => answer.text())
    const value = text === '' ? undefined : parse(text)
    if (text === '' || value !== undefined) return value as T
    const { status } = answer
    const message = `${this.#base.origin} did not answer with JSON: see that it is a Mayfly`
    throw new MayflyError('UNEXPECTED', message, { status })
  }

  /** Whatever fails below HTTP means that the server cannot be reached; an abort stays what it is. */
  async #reach<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (signal?.aborted) throw signal.reason
      throw this.#unreachable(error)
    }
  }

  #unreachable(cause: unknown): MayflyError {
    return new MayflyError('UNREACHABLE', unreachable(this.#base.origin, cause), { cause })
  }
}

/** An answer that is none of ours. */
function strange(origin: string, status: number): string {
  return status === 502 || status === 503 || status === 504
    ? `a proxy answers for ${origin}, and says ${status}: the server behind it is down, or cannot be reached from there`
    : `${origin} answered ${status}: see that it is a Mayfly, and that no proxy stands before it that wants a password`
}

/** HTTP carries no others, and what carries it would only say that something is wrong. */
function refuseOddHeader(what: string, value: string | undefined): void {
  if (value === undefined || /^[!-~]*$/.test(value)) return
  throw new MayflyError(
    'BAD_REQUEST',
    `${what} holds a character that it cannot have: use printable ASCII without spaces`,
  )
}

function written(json: unknown): string {
  try {
    return JSON.stringify(json)
  } catch (error) {
    const why = error instanceof RangeError ? 'it is nested too deeply' : reasonOf(error)
    throw new MayflyError('BAD_REQUEST', `what is to be sent cannot be written as JSON: ${why}`, { cause: error })
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** An address that can be asked: a mistake in it would only come to light as something that no runtime explains. */
function baseOf(url: string | URL): URL {
  const base = URL.canParse(String(url)) ? new URL(url) : undefined
  if (!base || !/^https?:$/.test(base.protocol)) {
    const message = `${String(url) || 'nothing'} is no address of a server: give one such as http://127.0.0.1:7070`
    throw new MayflyError('BAD_REQUEST', message)
  }
  if (base.username !== '' || base.password !== '') {
    throw new MayflyError('BAD_REQUEST', 'the address holds a user or a password: leave them out, and give a token')
  }
  if (!base.pathname.endsWith('/')) base.pathname += '/'
  return base
}
