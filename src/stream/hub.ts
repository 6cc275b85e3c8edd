import { toEventMessage } from '../contract/present.ts'
import { ReturningMap } from '../system/returning-map.ts'
import type { TaskEvent } from '../task/task.ts'

/** A committed event on its way to whoever listens: turned into bytes at most once, however many want them. */
export class Published {
  readonly event: TaskEvent
  #message: Buffer | undefined

  constructor(event: TaskEvent) {
    this.event = event
  }

  /** The stream's message for it; shared, so nobody may write into it. */
  get message(): Buffer {
    this.#message ??= toEventMessage(this.event)
    return this.#message
  }
}

/** Told of every event of one task, or of one tenant, right after its commit. Must return at once and never throw. */
export type Listener = (published: Published) => void

/**
 * Who wants to know of which task, or of all of a tenant. Fed from the journal's commits; publishing never waits and keeps nothing: whoever
 * cannot take an event now reads it from the journal later.
 */
export class Hub {
  readonly #ofTasks: Listeners = new ReturningMap()
  readonly #ofTenants: Listeners = new ReturningMap()

  publish(events: readonly TaskEvent[]): void {
    for (const event of events) {
      const ofTask = this.#ofTasks.get(event.task)
      const ofTenant = this.#ofTenants.get(event.tenant)
      if (!ofTask && !ofTenant) continue
      const published = new Published(event)
      if (ofTask) for (const listener of ofTask) listener(published)
      if (ofTenant) for (const listener of ofTenant) listener(published)
    }
  }

  /** Listens to a task until the function returned is called. */
  listen(task: string, listener: Listener): () => void {
    return listenIn(this.#ofTasks, task, listener)
  }

  /** Listens to all tasks of a tenant until the function returned is called. */
  listenTo(tenant: string, listener: Listener): () => void {
    return listenIn(this.#ofTenants, tenant, listener)
  }

  /** Tasks that somebody listens to. */
  get tasks(): number {
    return this.#ofTasks.size
  }
}

type Listeners = ReturningMap<string, Set<Listener>>

function listenIn(all: Listeners, id: string, listener: Listener): () => void {
  const listeners = all.get(id) ?? new Set()
  all.set(id, listeners.add(listener))
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0 && all.get(id) === listeners) all.delete(id)
  }
}
