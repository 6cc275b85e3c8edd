import { toEventMessage } from '../contract/present.ts'
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

/** Told of every event of one task right after its commit. Must return at once and never throw. */
export type Listener = (published: Published) => void

/**
 * Who wants to know of which task. Fed from the journal's commits; publishing never waits and keeps nothing: whoever
 * cannot take an event now reads it from the journal later.
 */
export class Hub {
  readonly #listeners = new Map<string, Set<Listener>>()

  publish(events: readonly TaskEvent[]): void {
    for (const event of events) {
      const listeners = this.#listeners.get(event.task)
      if (!listeners) continue
      const published = new Published(event)
      for (const listener of listeners) listener(published)
    }
  }

  /** Listens to a task until the function returned is called. */
  listen(task: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(task) ?? new Set()
    this.#listeners.set(task, listeners.add(listener))
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0 && this.#listeners.get(task) === listeners) this.#listeners.delete(task)
    }
  }

  /** Tasks that somebody listens to. */
  get tasks(): number {
    return this.#listeners.size
  }
}
