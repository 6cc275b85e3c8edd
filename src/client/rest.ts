import type { Problem } from '../contract/problem.ts'
import { backoffMs, sleep } from './backoff.ts'
import { isPassing, MayflyError } from './errors.ts'

export interface ClientOptions {
  /** Where the server is, such as http://127.0.0.1:7070. */
  readonly url: string | URL
  readonly token: string
  /** Only with an admin token: the tenant to act for. */
  readonly tenant?: string | undefined
  /** In browsers, whose WebSockets cannot carry a token: fetches a single-use ticket for one. */
  readonly ticket?: (() => Promise<string>) | undefined
  /** How long an answer may take; 60,000 when left out. Uploads and downloads take as long as they take. */
  readonly answerMs?: number | undefined
}

type Query = Readonly<Record<string, string | number | undefined>>

export interface Call {
  readonly query?: Query | undefined
  /** Sent as JSON. */
  readonly json?: unknown
  /** Sent as it is. */
  readonly body?: Uint8Array<ArrayBuffer> | Blob | ReadableStream<Uint8Array> | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly signal?: AbortSignal | undefined
  /** Asking twice does no more than asking once: a call that fails in passing is tried again, three times in all. */
  readonly repeatable?: boolean | undefined
}

const defaultAnswerMs = 60_000
const tries = 3

/** REST with our errors: whatever is not a success is thrown as MayflyError; an abort is thrown as its reason. */
export class Rest {
  readonly #options: ClientOptions
  readonly #base: URL

  constructor(options: ClientOptions) {
    this.#options = options
    this.#base = new URL(options.url)
    if (!this.#base.pathname.endsWith('/')) this.#base.pathname += '/'
  }

  get headers(): Record<string, string> {
    const { token, tenant } = this.#options
    return { authorization: `Bearer ${token}`, ...(tenant !== undefined && { 'mayfly-tenant': tenant }) }
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
        return await this.#jsonOnce<T>(method, path, call)
      } catch (error) {
        if (!call.repeatable || failures === tries || !isPassing(error)) throw error
        await sleep(backoffMs(failures), call.signal)
      }
    }
  }

  /** The answer as it begins, whatever it says; its body is still to be read. */
  async answer(method: string, path: string, call: Call, signal = call.signal): Promise<Response> {
    const { json, body = json === undefined ? undefined : JSON.stringify(json) } = call
    const headers = {
      ...this.headers,
      ...(json !== undefined && { 'content-type': 'application/json' }),
      ...call.headers,
    }
    const streaming = body instanceof ReadableStream ? { duplex: 'half' as const } : {}
    return this.#reach(signal, () =>
      fetch(this.urlOf(path, call.query), {
        method,
        headers,
        ...streaming,
        ...(body !== undefined && { body }),
        ...(signal && { signal }),
      }),
    )
  }

  /** The answer once it is known to be a success. */
  async bytes(method: string, path: string, call: Call = {}): Promise<Response> {
    const answer = await this.answer(method, path, call)
    if (!answer.ok) throw await this.problemOf(answer, call.signal)
    return answer
  }

  async problemOf(answer: Response, signal?: AbortSignal): Promise<MayflyError> {
    const { status, headers } = answer
    const retryAfter = Number(headers.get('retry-after') ?? Number.NaN)
    const details = { status, retryAfterSeconds: Number.isFinite(retryAfter) ? retryAfter : null }
    const text = await this.#reach(signal, () => answer.text())
    const problem = headers.get('content-type')?.startsWith('application/problem+json')
      ? (parse(text) as Problem)
      : null
    if (problem) return new MayflyError(problem.code, problem.detail, details)
    return new MayflyError('UNEXPECTED', `${this.#base.origin} answered ${status}: see that it is a Mayfly`, details)
  }

  async #jsonOnce<T>(method: string, path: string, call: Call): Promise<T> {
    const limit = AbortSignal.timeout(this.#options.answerMs ?? defaultAnswerMs)
    const signal = call.signal ? AbortSignal.any([call.signal, limit]) : limit
    try {
      const answer = await this.answer(method, path, call, signal)
      if (!answer.ok) throw await this.problemOf(answer, signal)
      const text = await this.#reach(signal, () => answer.text())
      return (text === '' ? undefined : this.#parsed(text, answer.status)) as T
    } catch (error) {
      if (error === limit.reason) throw this.#unreachable(new Error('it does not answer'))
      throw error
    }
  }

  #parsed(text: string, status: number): unknown {
    const value = parse(text)
    if (value !== undefined) return value
    throw new MayflyError('UNEXPECTED', `${this.#base.origin} did not answer with JSON: see that it is a Mayfly`, {
      status,
    })
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
    return new MayflyError('UNREACHABLE', `${this.#base.origin} cannot be reached (${reasonOf(cause)})`, { cause })
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Runtimes hide the reason one or two causes deep. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code } = error as { code?: unknown }
  if (error.cause) return reasonOf(error.cause)
  return error.message || String(code)
}
