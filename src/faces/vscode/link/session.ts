import { type Mayfly, MayflyError, type Sight, type SocketClass } from '../../../client/client.ts'
import { isPassing } from '../../../client/errors.ts'
import { all } from '../../../client/pages.ts'
import type { ContractKind } from '../../../contract/kinds.ts'
import type { ContractTask } from '../../../contract/task.ts'
import { ACTIVE, isTerminal } from '../../../task/states.ts'
import { inView, type TaskInView, TasksInView } from '../view/model.ts'
import { Link, type LinkState } from './link.ts'
import type { Server } from './server.ts'

type Listener = (task?: TaskInView) => void

export interface FollowOptions {
  /** Ends the looking, not the task. */
  readonly signal: AbortSignal
  readonly onTask: (task: TaskInView) => void
}

/** One editor's dealings with one server: the link to it, and what was seen over that. */
export class Session {
  readonly tasks = new TasksInView()
  readonly link: Link
  readonly #listeners = new Set<Listener>()
  #kinds: readonly ContractKind[] = []
  #leaving = new AbortController()
  #url: string | undefined
  #tenant: string | undefined

  constructor(options: { readonly Socket?: SocketClass | undefined; readonly origin?: string | undefined }) {
    this.link = new Link({
      ...options,
      onState: (state) => this.#stateIs(state),
      onSight: (sight) => this.#see(sight),
      onLive: (more) => this.#live(more),
    })
  }

  /** What the server can do; asked for anew with each connection. */
  get kinds(): readonly ContractKind[] {
    return this.#kinds
  }

  kind(name: string): ContractKind | undefined {
    return this.#kinds.find(({ kind }) => kind === name)
  }

  /** Told after every change, with the task that it is about, if it is about one. Returns what ends that. */
  onChange(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** From now on this server, or none. What was seen of another is forgotten, and nobody follows its tasks. */
  to(server: Server | undefined): void {
    if (server?.url !== this.#url) {
      this.#leaving.abort(new Error('another server was connected to'))
      this.#leaving = new AbortController()
      this.tasks.clear()
      this.#kinds = []
    }
    this.#url = server?.url
    this.link.to(server)
  }

  /** Resolves with a task once it has ended, through whatever happens to the link. Throws the signal's reason, and MayflyError where the task is not known. */
  async follow(id: string, { signal, onTask }: FollowOptions): Promise<ContractTask> {
    const ends = AbortSignal.any([signal, this.#leaving.signal])
    for (;;) {
      const change = this.#changeOf(id, ends, onTask)
      try {
        const task = await this.#look(id, ends)
        if (task && isTerminal(task.state)) return task
        // It may have come to where it is before anybody followed it.
        if (task) onTask(this.tasks.get(id) ?? inView(task))
        await change.next
      } finally {
        change.forget()
      }
    }
  }

  end(): void {
    this.#leaving.abort(new Error('the editor closes'))
    this.link.end()
  }

  /** Resolves when the task has ended, or may have while nobody looked. */
  #changeOf(id: string, signal: AbortSignal, onTask: (task: TaskInView) => void) {
    const { promise: next, resolve, reject } = deferred()
    const stop = () => reject(signal.reason)
    signal.addEventListener('abort', stop)
    let wasLive = this.link.state.is === 'live'
    const forget = this.onChange((task) => {
      if (task?.id === id) onTask(task)
      const isLive = this.link.state.is === 'live'
      if ((task?.id === id && isTerminal(task.state)) || (isLive && !wasLive)) resolve()
      wasLive = isLive
    })
    return {
      next,
      forget() {
        signal.removeEventListener('abort', stop)
        forget()
      },
    }
  }

  /** The task, if the server can be asked now. */
  async #look(id: string, signal: AbortSignal): Promise<ContractTask | undefined> {
    signal.throwIfAborted()
    try {
      return await this.link.client?.get(id, { signal })
    } catch (error) {
      if (isPassing(error)) return undefined
      throw error
    }
  }

  #stateIs({ is }: LinkState): void {
    if (is === 'offline' || is === 'connecting') this.tasks.lost()
    this.#tell()
  }

  #see(sight: Sight): void {
    if (sight.type === 'task') this.#tenant = sight.task.tenant
    const task = this.tasks.see(sight)
    if (task) this.#tell(task)
  }

  #live(more: boolean): void {
    this.tasks.live()
    this.#tell()
    const { client } = this.link
    if (!client) return
    void this.#ask(() => this.#askForKinds(client))
    if (more) void this.#ask(() => this.#askForUnseen(client))
  }

  /** With the next connection it is asked for again. */
  async #ask(work: () => Promise<void>): Promise<void> {
    try {
      await work()
      this.#tell()
    } catch (error) {
      if (!(error instanceof MayflyError)) throw error
    }
  }

  async #askForKinds(client: Mayfly): Promise<void> {
    const kinds = await all(client.kinds())
    if (client === this.link.client) this.#kinds = kinds
  }

  /** The newest are shown, and what runs is among the oldest: it is looked for, and what waits unseen is counted. */
  async #askForUnseen(client: Mayfly): Promise<void> {
    for (const state of ACTIVE) {
      for await (const task of client.list({ state, limit: 100 })) {
        if (client !== this.link.client) return
        if (!this.tasks.get(task.id)) this.#see({ type: 'task', task })
      }
    }
    const { tenants } = await client.stats()
    const mine = tenants.find(({ tenant }) => tenant === this.#tenant)
    if (client === this.link.client) this.tasks.waiting(mine?.queued ?? 0)
  }

  #tell(task?: TaskInView): void {
    for (const listener of [...this.#listeners]) listener(task)
  }
}

function deferred() {
  let resolve!: () => void
  let reject!: (reason: unknown) => void
  const promise = new Promise<void>((yes, no) => {
    resolve = yes
    reject = no
  })
  promise.catch(() => {})
  return { promise, resolve, reject }
}
