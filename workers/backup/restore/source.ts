/** A backup as it is read by a restore: its chain of files, and the rows of each object as they were at its end. */
import type { Context } from '../../context.ts'
import { FatalError, invalidInput } from '../../errors/steering.ts'
import { chainOf } from '../chain.ts'
import { keyOf } from '../cipher.ts'
import { rowsOf } from '../csv.ts'
import { IdSet } from '../id-table.ts'
import type { Manifest, ObjectEntry, StoredFile } from '../manifest.ts'
import { readSealed } from '../sealed.ts'
import { placeOf, readStore } from '../store.ts'
import type { Row } from '../values.ts'
import { damageOf } from '../verify.ts'

interface Part {
  readonly manifest: Manifest
  readonly place: string
  readonly key: Uint8Array | null
}

export interface Stored {
  readonly place: string
  readonly file: StoredFile
  readonly key: Uint8Array | null
}

export class Source {
  /** The newest first. */
  readonly #parts: readonly Part[]

  constructor(parts: readonly Part[]) {
    this.#parts = parts
  }

  /** Throws a sentence when there is no such backup, it cannot be read, or something that it builds on is missing. */
  static open(
    { directory, secrets }: Pick<Context, 'directory' | 'secrets'>,
    org: string,
    backup: string | undefined,
  ): Source {
    const { whole, incomplete, unreadable } = readStore(directory, org)
    const id = backup ?? [...whole.keys()].at(-1)
    if (id === undefined) throw invalidInput(`there is no backup of org ${org}: run org.backup first`)
    if (incomplete.includes(id)) throw invalidInput(`the backup ${id} was not finished: it has no manifest`)
    const broken = unreadable.find((one) => one.id === id)
    if (broken) throw new FatalError(`the manifest of the backup ${id} cannot be read: ${broken.why}`)
    const parts = chainIn(whole, id).map((manifest): Part => {
      const { encryption } = manifest
      if (encryption && !secrets.names.includes('encryption')) throw invalidInput(keyMissing(manifest))
      const key = encryption && secrets.use('encryption', (secret) => keyOf(secret, encryption))
      return { manifest, key, place: placeOf(directory, org, manifest.id) }
    })
    return new Source(parts)
  }

  get manifest(): Manifest {
    const [newest] = this.#parts
    if (!newest) throw new Error('a chain of backups is empty')
    return newest.manifest
  }

  /** Of the backups that it consists of. */
  get ids(): string[] {
    return this.#parts.map(({ manifest }) => manifest.id)
  }

  /** Objects of which it has rows, with how many there are at most. */
  get objects(): Map<string, number> {
    const names = new Set(this.#parts.flatMap(({ manifest }) => Object.keys(manifest.objects)))
    return new Map(
      [...names].sort().map((name) => [name, this.#entries(name).reduce((sum, { entry }) => sum + entry.rows, 0)]),
    )
  }

  /** Of the newest entry. */
  columns(object: string): readonly string[] {
    return this.#entries(object)[0]?.entry.columns ?? []
  }

  /** From the newest entry back to the first that has all rows. */
  #entries(object: string): { readonly part: Part; readonly entry: ObjectEntry }[] {
    const found: { part: Part; entry: ObjectEntry }[] = []
    for (const part of this.#parts) {
      const entry = part.manifest.objects[object]
      if (entry) found.push({ part, entry })
      if (entry?.mode === 'full') break
    }
    return found
  }

  /** Each row once, as the newest backup of the chain has it; deleted ones are not among them. Always in the same order. */
  async *rows(object: string): AsyncGenerator<Row> {
    const entries = this.#entries(object)
    // With one file no row comes twice, and nothing has to be remembered.
    const seen = entries.length > 1 ? new IdSet() : undefined
    for (const { part, entry } of entries) {
      for await (const row of rowsOf(readSealed(part.place, entry.data, part.key))) {
        if (seen && !seen.add(row.Id ?? '')) continue
        if (row.IsDeleted !== 'true') yield row
      }
      if (!seen || !entry.deleted) continue
      for await (const { Id = '' } of rowsOf(readSealed(part.place, entry.deleted, part.key))) seen.add(Id)
    }
  }

  /** Lists of bodies, the newest first. */
  bodyIndexes(object: string): Stored[] {
    return this.#parts.flatMap(({ manifest, place, key }) => {
      const entry = manifest.bodies[object]
      return entry ? [{ place, file: entry.index, key }] : []
    })
  }

  /** Compares what will be read with the checksums. Throws a sentence that names the first file that is damaged. */
  async verify(objects: readonly string[], signal: AbortSignal): Promise<void> {
    const files = objects.flatMap((object) => [
      ...this.#entries(object).flatMap(({ part: { place }, entry }) =>
        [entry.data, ...(entry.deleted ? [entry.deleted] : [])].map((file) => ({ place, file })),
      ),
      ...this.bodyIndexes(object),
    ])
    for (const { place, file } of files) {
      const damage = await damageOf(place, file, signal)
      if (damage) throw new FatalError(`the backup in ${place} is damaged: ${damage}`, { code: 'BACKUP_DAMAGED' })
    }
  }

  wipe(): void {
    for (const { key } of this.#parts) key?.fill(0)
  }
}

function chainIn(whole: ReadonlyMap<string, Manifest>, id: string): Manifest[] {
  try {
    return chainOf(whole, id)
  } catch (error) {
    throw invalidInput((error as Error).message)
  }
}

function keyMissing({ id, org }: Manifest): string {
  return `the backup ${id} is encrypted: store its key as org/${org}/backup-key, or name it in the request as the secret encryption`
}
