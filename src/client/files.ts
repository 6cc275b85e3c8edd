import type { ArtifactPage } from '../contract/artifact.ts'
import { part } from './pages.ts'
import type { Rest } from './rest.ts'
import type { CallOptions } from './tasks.ts'

/** Files that a task kept. */
export class Artifacts {
  readonly #rest: Rest

  constructor(rest: Rest) {
    this.#rest = rest
  }

  async list(task: string, { signal }: CallOptions = {}): Promise<ArtifactPage['items']> {
    const { items } = await this.#rest.get<ArtifactPage>(`v1/tasks/${part(task)}/artifacts`, { signal })
    return items
  }

  /** Its bytes, as they come. */
  async get(task: string, name: string, { signal }: CallOptions = {}): Promise<ReadableStream<Uint8Array>> {
    const answer = await this.#rest.bytes('GET', `v1/tasks/${part(task)}/artifacts/${part(name)}`, { signal })
    return answer.body ?? new ReadableStream()
  }
}
