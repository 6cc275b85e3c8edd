import type { ArtifactPage } from '../contract/artifact.ts'
import type { ContractUpload } from '../contract/upload.ts'
import { part } from './pages.ts'
import type { Call, Rest } from './rest.ts'
import type { CallOptions } from './tasks.ts'

/** Bytes that an input may refer to by the id of their upload. */
export class Uploads {
  readonly #rest: Rest

  constructor(rest: Rest) {
    this.#rest = rest
  }

  /** A tar, a zip, or any other bytes; a stream is sent as it comes. */
  add(body: NonNullable<Call['body']>, { signal }: CallOptions = {}): Promise<ContractUpload> {
    const headers = { 'content-type': 'application/octet-stream' }
    return this.#rest.json<ContractUpload>('POST', 'v1/uploads', { body, headers, signal, lasting: true })
  }
}

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
