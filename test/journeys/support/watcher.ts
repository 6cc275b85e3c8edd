import { once } from 'node:events'
import { WebSocket } from 'ws'
import type { Outbound } from '../../../src/contract/outbound.ts'
import type { Site } from './orchestrator.ts'

type Event = Outbound<'event'>['event']

/** A dozen of them that ask more often keep a server from starting. */
const restMs = 150

const terminal = new Set(['task.succeeded', 'task.failed', 'task.cancelled'])

/** Follows one task as a patient client does: it connects again and again, each time with its cursor. */
export class Watcher {
  readonly events: Event[] = []
  /** Resolves when the task's terminal event has come. */
  readonly done: Promise<Event>
  connections = 0
  readonly #site: Site
  readonly #task: string

  constructor(site: Site, task: string) {
    this.#site = site
    this.#task = task
    this.done = this.#follow()
  }

  get last(): Event | undefined {
    return this.events.at(-1)
  }

  async #follow(): Promise<Event> {
    for (;;) {
      await this.#connectOnce()
      if (this.last && terminal.has(this.last.type)) return this.last
      await new Promise((resolve) => setTimeout(resolve, restMs))
    }
  }

  async #connectOnce(): Promise<void> {
    const headers = { authorization: `Bearer ${this.#site.token}` }
    const socket = new WebSocket(`${this.#site.url.replace('http', 'ws')}/v1/stream`, 'mayfly.v1', { headers })
    const closed = once(socket, 'close').catch(() => {})
    socket.on('error', () => {})
    socket.on('open', () => {
      this.connections++
      socket.send(JSON.stringify({ type: 'subscribe', ref: 'one', task: this.#task, after: this.last?.seq ?? 0 }))
    })
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as Outbound
      if (message.type !== 'event') return
      this.events.push(message.event)
      if (terminal.has(message.event.type)) socket.close()
    })
    await closed
  }
}
