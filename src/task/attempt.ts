import { maxArtifacts, type ReportedArtifact } from './artifact.ts'
import type { Ending } from './endings.ts'
import type { Task } from './task.ts'

/** One try at a task. Holds the one thing that all its watchers share: how it ends. */
export class Attempt {
  readonly task: Task
  readonly number: number
  /** Resolves with the ending as soon as there is one. */
  readonly ended: Promise<Ending>
  readonly #artifacts = new Map<string, ReportedArtifact>()
  #ending: Ending | undefined
  #announce: (ending: Ending) => void

  constructor(task: Task) {
    const { promise, resolve } = Promise.withResolvers<Ending>()
    this.task = task
    this.number = task.attempt
    this.ended = promise
    this.#announce = resolve
  }

  get ending(): Ending | undefined {
    return this.#ending
  }

  /** What it left to be kept: of two with the same name the later one. */
  get artifacts(): readonly ReportedArtifact[] {
    return [...this.#artifacts.values()]
  }

  keep(artifact: ReportedArtifact): void {
    if (this.#artifacts.size < maxArtifacts) this.#artifacts.set(artifact.name, artifact)
  }

  /** Proposes an ending. The first one wins; true when it was this one. */
  end(ending: Ending): boolean {
    if (this.#ending) return false
    this.#ending = ending
    this.#announce(ending)
    return true
  }
}
