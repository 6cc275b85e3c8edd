/**
 * An org as kinds see it: REST, SOQL and Tooling by our own transport, jsforce with the same transport for what is SOAP.
 * Sessions that end, limits of a day and calls that must be made again are dealt with here, so that a kind says what it
 * wants and saves how far it came.
 */
import type { Connection } from 'jsforce'
import type { Context } from '../context.ts'
import { FatalError } from '../errors/steering.ts'
import { ApiUsage } from './api-usage.ts'
import { newestVersion } from './api-version.ts'
import { CallTally } from './call-tally.ts'
import type { OrgInput } from './input.ts'
import { writeInto } from './into-file.ts'
import { Objects } from './objects.ts'
import { LentSession } from './session.ts'
import { limitsOf, TIMEOUTS } from './timeouts.ts'
import { type Answer, type Call, type Submission, Transport } from './transport.ts'

export interface OpenOptions {
  /** Another org than the input's `org`; then the secret is another, too. */
  readonly org?: string
  /** Name of the session in the lease; `session` when left out. */
  readonly session?: string
  /** As when a job was begun, which goes on in that version only. */
  readonly apiVersion?: string
  /** In a kind's `cleanup`, which waits for a new session, and for no other day. */
  readonly isCleanup?: boolean
  /** Throws THROTTLED_DAILY, which otherwise suspends the task until later. */
  readonly throwsOnLimit?: boolean
}

export interface OrgRequest {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  /** Sent as JSON. */
  readonly json?: unknown
  readonly body?: Call['body']
  readonly headers?: Readonly<Record<string, string>>
  readonly timeoutMs?: number
  readonly repeatable?: boolean
  /** "while reading the limits"; otherwise the org's. */
  readonly step?: string
  readonly submission?: Call['submission']
}

const defaultLimitWaitSeconds = 2_400

/**
 * Opens the org of the input. Suspends the task when there is no session for it, and goes on in its next attempt.
 * `step` is what errors say was being done: set it before each step.
 */
export async function openOrg<Input extends OrgInput>(
  context: Context<Input>,
  options: OpenOptions = {},
): Promise<Org> {
  const alias = options.org ?? context.input.org
  const lent = await LentSession.open(context, {
    alias,
    secret: options.session ?? 'session',
    isCleanup: options.isCleanup ?? false,
  })
  const { limitWaitSeconds = defaultLimitWaitSeconds, pollSeconds } = context.input
  const usage = new ApiUsage(CallTally.open(context, alias), (message) => context.log.warn(`org ${alias}: ${message}`))
  let isOpen = false
  const transport = new Transport({
    org: alias,
    signal: context.signal,
    onAnswer(answer) {
      usage.saw(answer.headers)
      if (isOpen && answer.status < 400) lent.worked()
    },
    async onBarred(error) {
      if (error.class === 'AUTH_EXPIRED') return lent.renew(error)
      if (options.throwsOnLimit || options.isCleanup) return
      context.log.warn(`${error.message} This task goes on in ${limitWaitSeconds} s.`)
      return context.suspend({ resumeAt: new Date(Date.now() + limitWaitSeconds * 1_000) })
    },
    limits: limitsOf(process.env),
    ...(pollSeconds !== undefined && { longestWaitMs: pollSeconds * 1_000 }),
  })
  const version = options.apiVersion ?? context.input.apiVersion ?? (await newestVersion(transport, lent.value))
  // Which versions there are the org tells anybody, with any session.
  isOpen = true
  return new Org(alias, version, lent, transport, usage)
}

export class Org {
  readonly alias: string
  /** As in 62.0. */
  readonly apiVersion: string
  /** For calls that nothing here makes. */
  readonly transport: Transport
  /** What is being done, as errors say it after "while". */
  step = 'opening it'
  /** Of what is submitted by jsforce just now. */
  submission: Submission | undefined
  readonly data: Objects
  /** The same methods on the objects of the Tooling API. */
  readonly tooling: Objects
  readonly #lent: LentSession
  readonly #usage: ApiUsage
  #connection: Promise<Connection> | undefined

  constructor(alias: string, apiVersion: string, lent: LentSession, transport: Transport, usage: ApiUsage) {
    this.alias = alias
    this.apiVersion = apiVersion
    this.transport = transport
    this.#lent = lent
    this.#usage = usage
    this.data = new Objects(this, '')
    this.tooling = new Objects(this, '/tooling')
  }

  get orgId(): string {
    return this.#lent.value.orgId
  }

  get userId(): string {
    return this.#lent.value.userId
  }

  get username(): string | null {
    return this.#lent.value.username
  }

  /** Of its session; null when nothing is known of it. */
  get expiresAtMs(): number | null {
    return this.#lent.value.expiresAtMs
  }

  get instanceUrl(): string {
    return this.#lent.value.instanceUrl
  }

  /** For results: the calls of all attempts so far, and what the org said last of the calls of its day. */
  get apiUsage(): { calls: number; used: number | null; limit: number | null } {
    return this.#usage.toJson()
  }

  /** By the org's clock, as it said it last; by this machine's, a minute early, before the org said anything. */
  get now(): Date {
    return this.#usage.orgTime()
  }

  /** Of a path from the version's root ("/limits") or from the host's ("/services/…"); JSON where Salesforce gives it. */
  async request<T = unknown>(path: string, options: OrgRequest = {}): Promise<T> {
    const call = this.call(path, options)
    const answer = await this.transport.send(call)
    if (answer.body === '') return undefined as T
    const isJson = answer.headers['content-type']?.includes('json')
    if (!isJson) return answer.body as T
    const value = this.transport.parsed<T | null>(answer, call)
    if (value === null) throw this.transport.strange('nothing', call)
    return value
  }

  send(path: string, options: OrgRequest = {}): Promise<Answer> {
    return this.transport.send(this.call(path, options))
  }

  /** A call with the session, for the transport. */
  call(path: string, { method = 'GET', json, body, headers, step = this.step, ...rest }: OrgRequest = {}): Call {
    const content = json === undefined ? body : JSON.stringify(json)
    return {
      method,
      url: this.#urlOf(path),
      headers: {
        authorization: `Bearer ${this.#lent.value.accessToken}`,
        'sforce-call-options': 'client=mayfly',
        ...(json !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(content !== undefined && { body: content }),
      ...rest,
      step,
    }
  }

  #urlOf(path: string): string {
    // The session goes to its own org and nowhere else.
    if (!path.startsWith('/')) throw new FatalError(`a path of an org begins with "/": ${path}`)
    return `${this.instanceUrl}${path.startsWith('/services/') ? path : `/services/data/v${this.apiVersion}${path}`}`
  }

  /**
   * Writes what a path gives into a file, from `offset` on, as it comes. Whatever was there behind is cut off, at each
   * try again. Returns the headers, and the size of the file.
   */
  download(
    path: string,
    file: string,
    { offset = 0, through, ...options }: OrgRequest & Download = {},
  ): Promise<{ headers: Headers; bytes: number }> {
    const call = this.call(path, { timeoutMs: TIMEOUTS.large, ...options })
    return this.transport.receive(call, async ({ headers }, body) => {
      const bytes = await writeInto(file, offset, through ? through(headers)(body) : body)
      return { headers, bytes }
    })
  }

  /** jsforce with our transport, loaded when it is first asked for. */
  connection(): Promise<Connection> {
    this.#connection ??= import('./jsforce.ts').then(({ connect }) => connect(this, this.#lent.value))
    return this.#connection
  }

  /** The Metadata API of jsforce: its calls are made again, stopped and explained like all others. */
  async metadata(): Promise<Connection['metadata']> {
    return (await this.connection()).metadata
  }
}

export interface Download {
  readonly offset?: number
  /** What the bytes go through on their way to the file. */
  readonly through?: (headers: Headers) => (source: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>
}
