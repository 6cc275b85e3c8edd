import type * as vscode from 'vscode'

/** A task that was started from this workspace and is followed until it has ended. */
export interface Started {
  readonly id: string
  readonly url: string
  readonly kind: string
  /** What was sent, as a URI: findings are about files in it. */
  readonly folder?: string | undefined
}

const key = 'mayfly.started'
const most = 50

/** Outlives the editor: what was going on when it closed is followed again when it opens. */
export class StartedTasks {
  readonly #memory: vscode.Memento

  constructor(memory: vscode.Memento) {
    this.#memory = memory
  }

  at(url: string): readonly Started[] {
    return this.#all.filter((one) => one.url === url)
  }

  async add(started: Started): Promise<void> {
    await this.#memory.update(key, [...this.#all.filter(({ id }) => id !== started.id), started].slice(-most))
  }

  async forget(id: string): Promise<void> {
    await this.#memory.update(
      key,
      this.#all.filter((one) => one.id !== id),
    )
  }

  get #all(): readonly Started[] {
    return this.#memory.get<readonly Started[]>(key, [])
  }
}
