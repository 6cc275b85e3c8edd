/**
 * The client of a Mayfly, for Node and browsers: it needs nothing but fetch, WebSocket and WebCrypto. A page asks the
 * server that it came from, or one whose `allowedOrigins` name it.
 *
 *     const mayfly = new Mayfly({ url: 'http://127.0.0.1:7070', token })
 *     const result = await mayfly.run({ kind: 'greet', input: { name: 'world' } })
 */
import type { ContractKind } from '../contract/kinds.ts'
import type { TaskFilter } from '../contract/query.ts'
import type { Readiness } from '../contract/readiness.ts'
import type { TaskRequest } from '../contract/request.ts'
import type { PoolList, Stats } from '../contract/stats.ts'
import { Audit, Tenants, Tokens } from './access.ts'
import { Artifacts, Uploads } from './files.ts'
import type { AnyKinds, KindsOf, NameOf, RequestOf, ResultOf } from './kinds.ts'
import { itemsOf } from './pages.ts'
import { Pauses } from './pauses.ts'
import { type ClientOptions, Rest, type SocketClass } from './rest.ts'
import { type RunOptions, run } from './run.ts'
import { Schedules } from './schedules.ts'
import { Secrets } from './secrets.ts'
import { type CallOptions, type SubmitOptions, Tasks } from './tasks.ts'
import { type Watch, type WatchOptions, watch } from './watch.ts'
import { type WatchAll, type WatchAllOptions, watchAll } from './watch-all.ts'

export type { ContractEvent } from '../contract/event.ts'
export type { Explanation } from '../contract/explanation.ts'
export type { ContractTask } from '../contract/task.ts'
export type { Json, JsonObject } from '../task/json.ts'
export type { Answer, Asked, Fetch } from './asking.ts'
export type { Pace } from './backoff.ts'
export { MayflyError, TaskError } from './errors.ts'
export type { AnyKinds, BatchItemOf, InputOf, KindsOf, KindTypes, RequestOf, ResultOf } from './kinds.ts'
export type { OneTimeValues } from './one-time.ts'
export { isEnd } from './watch.ts'
export type { Sight } from './watch-all.ts'
export type {
  CallOptions,
  ClientOptions,
  ContractKind,
  RunOptions,
  SocketClass,
  SubmitOptions,
  TaskFilter,
  TaskRequest,
  Watch,
  WatchAll,
  WatchAllOptions,
  WatchOptions,
}

export class Mayfly<Kinds extends KindsOf<Kinds> = AnyKinds> extends Tasks<Kinds> {
  readonly uploads: Uploads
  readonly artifacts: Artifacts
  readonly secrets: Secrets
  readonly tenants: Tenants
  readonly tokens: Tokens
  readonly audit: Audit
  readonly pauses: Pauses
  readonly schedules: Schedules
  readonly #rest: Rest

  constructor(options: ClientOptions) {
    const rest = new Rest(options)
    super(rest)
    this.#rest = rest
    this.uploads = new Uploads(rest)
    this.artifacts = new Artifacts(rest)
    this.secrets = new Secrets(rest)
    this.tenants = new Tenants(rest)
    this.tokens = new Tokens(rest)
    this.audit = new Audit(rest)
    this.pauses = new Pauses(rest)
    this.schedules = new Schedules(rest)
  }

  /** Every event of a task after `after`, once and in order, through lost connections, to its end. */
  watch(id: string, options: WatchOptions = {}): Watch {
    return watch(this.#rest, id, options)
  }

  /** The tenant's tasks that fit, each as it is, and then what happens to them and to those that come; without an end. */
  watchAll(filter: TaskFilter = {}, options: WatchAllOptions = {}): WatchAll {
    return watchAll(this.#rest, filter, options)
  }

  /** Submits, follows, and resolves with the result; a task that ends otherwise is thrown as TaskError. */
  run<Name extends NameOf<Kinds>>(
    request: RequestOf<Kinds, Name>,
    options: RunOptions = {},
  ): Promise<ResultOf<Kinds, Name>> {
    return run(this.#rest, request as TaskRequest, options) as Promise<ResultOf<Kinds, Name>>
  }

  kinds(): AsyncGenerator<ContractKind, void> {
    return itemsOf<ContractKind>(this.#rest, 'v1/kinds')
  }

  pools(): Promise<PoolList> {
    return this.#rest.get<PoolList>('v1/pools')
  }

  stats(): Promise<Stats> {
    return this.#rest.get<Stats>('v1/stats')
  }

  /** Whether the process answers. */
  health({ signal }: CallOptions = {}): Promise<{ status: 'ok' }> {
    return this.#rest.json<{ status: 'ok' }>('GET', 'healthz', { signal })
  }

  /** Whether it takes work, and why not. */
  async ready({ signal }: CallOptions = {}): Promise<Readiness> {
    return (await this.readyAt({ signal })).readiness
  }

  /** The same, with the server's time where it says it: milliseconds since 1970, to the second. */
  async readyAt({ signal }: CallOptions = {}): Promise<{ readiness: Readiness; serverTime: number | null }> {
    const { value, headers } = await this.#rest.whole<Readiness>('GET', 'readyz', { signal, alsoGood: 503 })
    const date = headers.get('date')
    return { readiness: value, serverTime: date === null ? null : Date.parse(date) }
  }
}
