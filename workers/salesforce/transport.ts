/**
 * The way to an org: fetch, with a timeout for every call, calls made again where that does no harm, and an end when the
 * task is to end. jsforce's own loses answers and data (a body cut short never settles, a second PUT is empty, every 401
 * asks for a new session without end), so its connections use this one.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { factsOfAnswer } from './answer.ts'
import { SalesforceError } from './errors.ts'
import { type Facts, factsOf } from './facts.ts'
import { Patience } from './patience.ts'
import { waitMsBefore } from './policies.ts'
import { type Limits, limitsOf, TIMEOUTS } from './timeouts.ts'

export interface Call {
  readonly method: string
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  /** A function gives the body anew for every try. */
  readonly body?: string | Uint8Array | (() => ReadableStream | Blob)
  /** Of one try, from the first byte sent to the last received. */
  readonly timeoutMs?: number
  /** May be made again when nobody knows whether it was done. By method, and for SOAP by what it asks, where left out. */
  readonly repeatable?: boolean
  /** "while reading the limits". */
  readonly step: string
  /** Of a call that is to be done once. */
  readonly submission?: Submission | undefined
}

/** Told, and waited for, of what is known of a call: what is saved of it is right whenever its process is killed. */
export interface Submission {
  /** The org has certainly not done it. */
  refused(): Promise<void>
  /** After that: it is made again. */
  again(): Promise<void>
}

export interface Answer {
  readonly status: number
  /** Lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface TransportOptions {
  /** The alias that errors name. */
  readonly org: string
  readonly signal: AbortSignal
  /** Of every answer, errors too. */
  readonly onAnswer?: (answer: { readonly status: number; readonly headers: Headers }) => void
  /**
   * Of errors that a new session or a later time cures (AUTH_EXPIRED, THROTTLED_DAILY): it may end the process, and the
   * error is thrown when it returns.
   */
  readonly onBarred?: (error: SalesforceError) => Promise<void>
  /** Waits are never longer than this. */
  readonly longestWaitMs?: number
  /** Of every call, whatever it asks for. */
  readonly limits?: Limits
}

/** The parts of an answer as they come: it ends with an error where no more come. */
export type Take<T> = (response: Response, body: AsyncIterable<Uint8Array>) => Promise<T>

/** A zip of 39 MB, and there are no larger ones, is 52 MB of base64. */
const maxBodyBytes = 64 * 1024 ** 2

export class Transport {
  readonly #options: TransportOptions
  readonly #limits: Limits

  constructor({ limits = limitsOf({}), ...options }: TransportOptions) {
    this.#options = options
    this.#limits = limits
  }

  /** The whole answer as text. Rejects with a SalesforceError for every status from 400 on, and for a web page. */
  send(call: Call): Promise<Answer> {
    return this.receive(call, async ({ status, headers }, parts) => {
      const body = await this.#textOf(parts, status, call)
      // No API answers so: it is of a proxy that wants a login, say.
      if (headers.get('content-type')?.includes('text/html')) throw this.strange('a web page', call, status)
      return { status, headers: Object.fromEntries(headers), body }
    })
  }

  /** What a JSON answer holds. */
  async json<T>(call: Call): Promise<T> {
    return this.parsed<T>(await this.send(call), call)
  }

  /** What the parser says of an answer would show parts of it, which may be secret. */
  parsed<T>({ status, body }: Answer, call: Pick<Call, 'step'>): T {
    try {
      return JSON.parse(body) as T
    } catch {
      throw this.strange('no JSON', call, status)
    }
  }

  /** Of an answer that no API gives there, whoever it is of. */
  strange(what: string, { step }: Pick<Call, 'step'>, status = 200): SalesforceError {
    return this.#errorOf({ status, message: `what came is ${what}` }, step, {
      as: 'SERVER_TRANSIENT',
      advice: 'Look at what stands between this machine and the org, such as a proxy, and try again later',
    })
  }

  /**
   * Has the answer taken by `take`, which starts over when the answer was cut short and the call may be made again.
   * Rejects with a SalesforceError, or with why the task is to end.
   */
  async receive<T>(call: Call, take: Take<T>): Promise<T> {
    let wasUnsure = false
    for (let tried = 1; ; tried++) {
      const outcome = await this.#once(call, take)
      if ('value' in outcome) return outcome.value
      const { error } = outcome
      wasUnsure ||= !error.isRefused
      if (!wasUnsure) await call.submission?.refused()
      const waitMs = waitMsBefore(error, tried, isRepeatable(call), Math.random())
      if (waitMs === null) return this.#giveUp(error)
      await this.#wait(waitMs)
      if (!wasUnsure) await call.submission?.again()
    }
  }

  async #once<T>(call: Call, take: Take<T>): Promise<{ value: T } | { error: SalesforceError }> {
    const { signal, onAnswer } = this.#options
    throwIfStopped(signal)
    const patience = new Patience(call.timeoutMs ?? TIMEOUTS.usual, this.#limits, signal)
    try {
      const response = await fetch(call.url, requestOf(call, patience.signal))
      onAnswer?.(response)
      if (response.status >= 300 && response.status < 400) return { error: await this.#sentOn(response, call) }
      const parts = patience.parts(response.body ?? new Blob([]).stream())
      if (response.status < 400) return { value: await take(response, parts) }
      const body = await this.#textOf(parts, response.status, call)
      const facts = factsOfAnswer(response.status, response.headers.get('content-type') ?? '', body)
      return { error: this.#errorOf(facts, call.step) }
    } catch (thrown) {
      throwIfStopped(signal)
      const facts = factsOf(thrown)
      if (facts.network === undefined && !(thrown instanceof TypeError)) throw thrown
      return { error: this.#errorOf(facts, call.step, { cause: thrown }) }
    } finally {
      patience.end()
    }
  }

  /** Calls hold sessions and logins, in bodies too: they go nowhere but where they were meant to. */
  async #sentOn({ status, headers, body, url }: Response, { step }: Call): Promise<SalesforceError> {
    await body?.cancel()
    const to = URL.parse(headers.get('location') ?? '', url)?.origin ?? 'nowhere'
    return this.#errorOf({ status, message: `it sends the call on to ${to}` }, step, {
      as: 'SALESFORCE_ERROR',
      advice:
        'Sessions and logins go where the login says alone: store the login with the address that the org has now',
    })
  }

  async #textOf(body: AsyncIterable<Uint8Array>, status: number, { step }: Call): Promise<string> {
    const parts: Uint8Array[] = []
    let bytes = 0
    for await (const part of body) {
      bytes += part.length
      if (bytes > maxBodyBytes) {
        const message = `the answer is larger than ${maxBodyBytes / 1024 ** 2} MiB`
        throw this.#errorOf({ status, message }, step, { as: 'TOO_BIG' })
      }
      parts.push(part)
    }
    return Buffer.concat(parts, bytes).toString('utf8')
  }

  #errorOf(facts: Facts, step: string, options?: ConstructorParameters<typeof SalesforceError>[2]): SalesforceError {
    return new SalesforceError(facts, { org: this.#options.org, step }, options)
  }

  async #giveUp(error: SalesforceError): Promise<never> {
    if (error.class === 'AUTH_EXPIRED' || error.class === 'THROTTLED_DAILY') await this.#options.onBarred?.(error)
    throw error
  }

  async #wait(waitMs: number): Promise<void> {
    const { signal, longestWaitMs = waitMs } = this.#options
    await pause(Math.min(waitMs, longestWaitMs), signal)
  }
}

/** Rejects with why the task is to end, as soon as it is. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal })
  } catch (error) {
    throwIfStopped(signal)
    throw error
  }
}

export function throwIfStopped({ aborted, reason }: AbortSignal): void {
  if (!aborted) return
  if (reason instanceof Error) throw reason
  const { message = 'the task is to end' } = (reason ?? {}) as { message?: string }
  throw new Error(message)
}

function requestOf({ method, headers, body }: Call, signal: AbortSignal) {
  const content = typeof body === 'function' ? body() : body
  return {
    method,
    headers: headers ?? {},
    redirect: 'manual' as const,
    signal,
    ...(content !== undefined && { body: content as RequestInit['body'] & {} }),
    ...(content instanceof ReadableStream && { duplex: 'half' as const }),
  }
}

/** A PUT is the data of an ingest job, which takes one only. */
const repeatableMethods = ['GET', 'HEAD', 'DELETE', 'OPTIONS']

const repeatableSoap =
  /<(?:\w+:)?(?:checkDeployStatus|checkRetrieveStatus|describeMetadata|listMetadata|readMetadata|cancelDeploy|login|getUserInfo)[\s>]/

function isRepeatable({ repeatable, method, body }: Call): boolean {
  if (repeatable !== undefined) return repeatable
  if (repeatableMethods.includes(method)) return true
  return (
    method === 'POST' && typeof body === 'string' && body.startsWith('<') && repeatableSoap.test(body.slice(0, 4_000))
  )
}
