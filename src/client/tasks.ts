import type { AttemptPage } from '../contract/attempt.ts'
import type { BatchAnswer } from '../contract/batch.ts'
import type { ContractEventPage } from '../contract/event.ts'
import type { Explanation } from '../contract/explanation.ts'
import type { EventQuery, TaskListQuery } from '../contract/query.ts'
import type { TaskRequest } from '../contract/request.ts'
import type { ContractTask, TaskPage } from '../contract/task.ts'
import type { AnyKinds, BatchItemOf, KindsOf, NameOf, RequestOf } from './kinds.ts'
import { type OneTimeValues, withOneTime } from './one-time.ts'
import { itemsOf, part } from './pages.ts'
import type { Rest } from './rest.ts'
import { textOf } from './text.ts'

export interface CallOptions {
  readonly signal?: AbortSignal | undefined
}

export interface SubmitOptions extends CallOptions {
  /** The same key leads to the same task for 24 hours; a random one when left out, which makes retries safe. */
  readonly idempotencyKey?: string | undefined
  /** Secrets for this task alone, sent sealed and deleted at its end. */
  readonly oneTime?: OneTimeValues | undefined
}

const pathOf = (id: string) => `v1/tasks/${part(id)}`

/** Tasks over REST. */
export class Tasks<Kinds extends KindsOf<Kinds> = AnyKinds> {
  readonly #rest: Rest

  constructor(rest: Rest) {
    this.#rest = rest
  }

  /** Resolves once the task is durable. */
  async submit<Name extends NameOf<Kinds>>(request: RequestOf<Kinds, Name>, options: SubmitOptions = {}) {
    const { idempotencyKey = crypto.randomUUID(), oneTime, signal } = options
    const headers = { 'idempotency-key': idempotencyKey }
    const json = await withOneTime(this.#rest, request as TaskRequest, oneTime)
    return this.#rest.json<ContractTask>('POST', 'v1/tasks', { json, headers, signal, repeatable: true })
  }

  /** At most 1,000, with one commit. The answer says of each, in order, what became of it: one may be refused alone. */
  async batch(requests: readonly BatchItemOf<Kinds>[], { signal }: CallOptions = {}): Promise<BatchAnswer['items']> {
    const tasks = requests.map((request) => ({ idempotencyKey: crypto.randomUUID(), ...request }))
    const call = { json: { tasks }, signal, repeatable: true }
    const { items } = await this.#rest.json<BatchAnswer>('POST', 'v1/tasks/batch', call)
    return items
  }

  get(id: string, { signal }: CallOptions = {}): Promise<ContractTask> {
    return this.#rest.get<ContractTask>(pathOf(id), { signal })
  }

  /** Why it waits, for how long still, and how long it waited. */
  explain(id: string, { signal }: CallOptions = {}): Promise<Explanation> {
    return this.#rest.get<Explanation>(`${pathOf(id)}/explain`, { signal })
  }

  /** Newest first. */
  list(filter: Omit<TaskListQuery, 'cursor'> = {}, { signal }: CallOptions = {}): AsyncGenerator<ContractTask, void> {
    return itemsOf<ContractTask>(this.#rest, 'v1/tasks', { query: filter, signal })
  }

  /** One page of the same, for whoever keeps the cursor. */
  page(query: TaskListQuery = {}, { signal }: CallOptions = {}): Promise<TaskPage> {
    return this.#rest.get<TaskPage>('v1/tasks', { query, signal })
  }

  cancel(id: string, reason?: string, { signal }: CallOptions = {}): Promise<ContractTask> {
    const json = reason === undefined ? {} : { reason }
    return this.#rest.json<ContractTask>('POST', `${pathOf(id)}/cancel`, { json, signal })
  }

  /** A new task like an ended one. */
  retry(id: string, { debug, signal }: CallOptions & { readonly debug?: boolean } = {}): Promise<ContractTask> {
    const json = debug === undefined ? {} : { debug }
    return this.#rest.json<ContractTask>('POST', `${pathOf(id)}/retry`, { json, signal })
  }

  /** One page of events, which a long poll waits for. */
  events(id: string, query: EventQuery = {}, { signal }: CallOptions = {}): Promise<ContractEventPage> {
    return this.#rest.get<ContractEventPage>(`${pathOf(id)}/events`, { query, signal })
  }

  /** Its tries, and what each cost. */
  async attempts(id: string, { signal }: CallOptions = {}): Promise<AttemptPage['items']> {
    return (await this.#rest.get<AttemptPage>(`${pathOf(id)}/attempts`, { signal })).items
  }

  /** What the task printed and logged so far, piece by piece. */
  log(id: string, { signal }: CallOptions = {}): AsyncGenerator<string, void> {
    return textOf(this.#rest, `${pathOf(id)}/log`, signal)
  }
}
