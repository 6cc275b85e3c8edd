import type { UploadStore } from '../files/uploads.ts'
import type { Journal } from '../journal/journal.ts'
import type { Upload } from '../journal/uploads.ts'
import type { Clock } from '../system/clock.ts'
import { newTaskId } from '../system/ids.ts'
import { Refusal } from '../task/errors.ts'

export interface UploadLimits {
  readonly maxUploadMiB: number
  /** Of all that a tenant has stored. */
  readonly maxTenantUploadMiB: number
  readonly maxTenantUploads: number
}

export interface UploadingDeps {
  readonly journal: Pick<Journal, 'uploads'>
  readonly store: UploadStore
  readonly clock: Clock
  readonly limits: UploadLimits
}

const bytesPerMiB = 1024 * 1024
/** Uploads of one tenant that are received at once. */
const maxUnderway = 8
/** So much of the disk is left to the journal and to running tasks. */
const keptFreeBytes = 16 * bytesPerMiB
/** How often the disk is looked at. */
const lookEveryBytes = 4 * bytesPerMiB

interface Underway {
  count: number
  bytes: number
}

/** Takes in what clients send for tasks to use: a file first, then the record of it; only with both it is there. */
export class Uploading {
  readonly #deps: UploadingDeps
  readonly #underway = new Map<string, Underway>()

  constructor(deps: UploadingDeps) {
    this.#deps = deps
  }

  /** Resolves once file and record are durable. Throws a Refusal, and leaves nothing then. */
  async receive(tenant: string, chunks: AsyncIterable<Uint8Array>, announcedBytes = 0): Promise<Upload> {
    if (announcedBytes > this.#maxBytes) throw this.#tooLarge()
    const underway = this.#begin(tenant)
    const own = { bytes: 0 }
    try {
      const stored = await this.#deps.journal.uploads.stored(tenant)
      if (stored.count >= this.#deps.limits.maxTenantUploads) throw this.#noRoom()
      if (stored.bytes + underway.bytes + announcedBytes > this.#tenantBytes) throw this.#noRoom()
      return await this.#store(tenant, this.#metered(chunks, stored.bytes, underway, own))
    } catch (error) {
      throw asRefusal(error)
    } finally {
      this.#end(tenant, underway, own.bytes)
    }
  }

  async #store(tenant: string, chunks: AsyncIterable<Uint8Array>): Promise<Upload> {
    const { journal, store, clock, limits } = this.#deps
    const id = newTaskId()
    const written = await store.write(tenant, id, chunks)
    const upload = { id, tenant, ...written, at: clock.now() }
    try {
      const room = { bytes: this.#tenantBytes, count: limits.maxTenantUploads }
      if (!(await journal.uploads.add(upload, room))) throw this.#noRoom()
      return upload
    } catch (error) {
      await store.remove(tenant, id)
      throw error
    }
  }

  /** Passes the bytes on as long as upload, tenant and disk have room for them. */
  async *#metered(chunks: AsyncIterable<Uint8Array>, storedBytes: number, underway: Underway, own: { bytes: number }) {
    let lookAtBytes = 0
    for await (const chunk of chunks) {
      own.bytes += chunk.length
      underway.bytes += chunk.length
      if (own.bytes > this.#maxBytes) throw this.#tooLarge()
      if (storedBytes + underway.bytes > this.#tenantBytes) throw this.#noRoom()
      if (own.bytes >= lookAtBytes) {
        lookAtBytes = own.bytes + lookEveryBytes
        if ((await this.#deps.store.freeBytes()) < keptFreeBytes) throw diskFull()
      }
      yield chunk
    }
  }

  #begin(tenant: string): Underway {
    const underway = this.#underway.get(tenant) ?? { count: 0, bytes: 0 }
    if (underway.count >= maxUnderway) {
      throw new Refusal('TOO_MANY', `${maxUnderway} uploads of this tenant are under way: wait until one has ended`)
    }
    underway.count++
    this.#underway.set(tenant, underway)
    return underway
  }

  #end(tenant: string, underway: Underway, ownBytes: number): void {
    underway.count--
    underway.bytes -= ownBytes
    if (underway.count === 0) this.#underway.delete(tenant)
  }

  get #maxBytes(): number {
    return this.#deps.limits.maxUploadMiB * bytesPerMiB
  }

  get #tenantBytes(): number {
    return this.#deps.limits.maxTenantUploadMiB * bytesPerMiB
  }

  #tooLarge(): Refusal {
    return new Refusal('TOO_LARGE', `an upload has at most ${this.#deps.limits.maxUploadMiB} MiB here: send less`)
  }

  #noRoom(): Refusal {
    const { maxTenantUploads, maxTenantUploadMiB } = this.#deps.limits
    const room = `${maxTenantUploads} uploads of ${maxTenantUploadMiB} MiB together`
    return new Refusal('TOO_MANY', `this tenant may have ${room}: wait until older ones that no task uses are removed`)
  }
}

function diskFull(cause?: unknown): Refusal {
  return new Refusal('STORE_FULL', 'there is no room on the disk for this upload: nothing of it was kept', { cause })
}

const fullCodes = ['ENOSPC', 'EDQUOT']
const brokenCodes = ['ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE', 'ABORT_ERR']

function asRefusal(error: unknown): unknown {
  const code = error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? '') : ''
  if (fullCodes.includes(code)) return diskFull(error)
  if (brokenCodes.includes(code)) return new Refusal('BAD_REQUEST', 'the upload broke off: send it again')
  return error
}
