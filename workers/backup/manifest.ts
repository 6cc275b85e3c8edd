/** What a backup says of itself: the file `manifest.json`, written last. A directory without one is no whole backup. */

export const manifestName = 'manifest.json'

/** A file of the backup; the path is from its directory on. */
export interface StoredFile {
  readonly path: string
  /** As it lies there, packed and encrypted or not. */
  readonly bytes: number
  readonly sha256: string
}

export interface ObjectEntry {
  readonly rows: number
  readonly columns: readonly string[]
  /** `full`: all its rows, whatever the backup is; else those that changed. */
  readonly mode: 'full' | 'incremental'
  readonly data: StoredFile
  readonly schema: StoredFile
  /** Ids of rows that are gone for good since the parent. */
  readonly deleted?: StoredFile & { readonly rows: number }
}

/** The bodies of one object's rows (ContentVersion, Attachment, Document) and the list that names them. */
export interface BodiesEntry {
  readonly count: number
  readonly bytes: number
  readonly index: StoredFile
}

export interface Encryption {
  readonly cipher: 'aes-256-gcm'
  readonly kdf: 'scrypt'
  /** Base64; the key is made of it and the secret. */
  readonly salt: string
  /** By which a wrong key is told at once. */
  readonly check: string
}

export interface MetadataEntry {
  readonly files: number
  readonly zips: readonly (StoredFile & { readonly files: number })[]
}

export interface Manifest {
  readonly version: 1
  readonly id: string
  /** The org's alias in the requests. */
  readonly org: string
  readonly orgId: string
  readonly instanceUrl: string
  readonly apiVersion: string
  readonly mode: 'full' | 'incremental'
  /** The backup that this one adds to. */
  readonly parent: string | null
  /** The span of changes, by the org's clock; `from` is null in a full one. */
  readonly from: string | null
  readonly to: string
  readonly startedAt: string
  readonly finishedAt: string
  readonly tool: string
  readonly format: 'csv' | 'csv.gz'
  readonly encryption: Encryption | null
  readonly objects: Readonly<Record<string, ObjectEntry>>
  readonly bodies: Readonly<Record<string, BodiesEntry>>
  readonly metadata: MetadataEntry | null
  readonly warnings: readonly string[]
}

/** All files that it vouches for with a checksum; those that an index names are vouched for by the index. */
export function filesOf({ objects, bodies, metadata }: Manifest): StoredFile[] {
  const ofObjects = Object.values(objects).flatMap(({ data, schema, deleted }) => [
    data,
    schema,
    ...(deleted ? [deleted] : []),
  ])
  return [...ofObjects, ...Object.values(bodies).map(({ index }) => index), ...(metadata?.zips ?? [])]
}

/** The manifest in this text, or an error that says what is wrong with it. */
export function parseManifest(text: string): Manifest {
  const value = JSON.parse(text) as Partial<Manifest> | null
  if (value?.version !== 1) throw new Error(`this is no manifest that this version reads: version ${value?.version}`)
  const missing = ['id', 'org', 'orgId', 'mode', 'to', 'objects'].filter((name) => !Object.hasOwn(value, name))
  if (missing.length > 0) throw new Error(`the manifest lacks ${missing.join(', ')}`)
  const strays = filesOf({ bodies: {}, metadata: null, ...value } as Manifest).filter(({ path }) => leadsOut(path))
  if (strays.length > 0) throw new Error(`the manifest names a file outside of its backup: ${strays[0]?.path}`)
  return value as Manifest
}

function leadsOut(path: string): boolean {
  return path.startsWith('/') || path.split('/').some((part) => part === '..' || part === '')
}
