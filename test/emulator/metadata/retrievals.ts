import { ApiError } from '../answer.ts'
import { type Files, zip } from './archive.ts'
import { childrenOf, mainPathOf, ownerOf, withOnly } from './components.ts'
import { type Manifest, writeManifest } from './manifest.ts'
import type { MetadataStore, StoredComponent } from './store.ts'
import { parentOf, typeNamed } from './types.ts'

export interface Retrieval {
  readonly id: string
  readonly manifest: Manifest
  polls: number
  /** Set when it has ended; without a zip it has failed. */
  end: RetrieveEnd | null
}

interface RetrieveEnd {
  readonly zip: Buffer | null
  readonly properties: readonly FileProperty[]
  readonly messages: readonly { readonly fileName: string; readonly problem: string }[]
  readonly error: { readonly code: string; readonly message: string } | null
}

export interface FileProperty {
  readonly fileName: string
  readonly fullName: string
  readonly id: string
  readonly type: string
  readonly component: StoredComponent
}

/** What was asked for: the files, whom they belong to, and what there is not. */
export interface Selection {
  readonly files: Files
  readonly properties: readonly FileProperty[]
  readonly messages: readonly { readonly fileName: string; readonly problem: string }[]
}

/** The retrieves of one org. Each is ready at its `polls`-th poll. */
export class Retrievals implements Iterable<Retrieval> {
  readonly pace = { polls: 2 }
  readonly limits = { maxFiles: 10_000 }
  readonly #newId: (keyPrefix: string) => string
  readonly #store: MetadataStore
  readonly #all: Retrieval[] = []

  constructor(newId: (keyPrefix: string) => string, store: MetadataStore) {
    this.#newId = newId
    this.#store = store
  }

  [Symbol.iterator](): Iterator<Retrieval> {
    return this.#all[Symbol.iterator]()
  }

  submit(manifest: Manifest): Retrieval {
    const retrieval: Retrieval = { id: this.#newId('09S'), manifest, polls: 0, end: null }
    this.#all.push(retrieval)
    return retrieval
  }

  poll(id: string): Retrieval {
    const retrieval = this.#all.find((one) => one.id.slice(0, 15) === id.slice(0, 15))
    if (!retrieval) throw new ApiError(404, 'INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id')
    retrieval.polls += 1
    if (retrieval.polls >= this.pace.polls) retrieval.end ??= this.#collect(retrieval.manifest)
    return retrieval
  }

  #collect(manifest: Manifest): RetrieveEnd {
    const { files, properties, messages } = select(this.#store, manifest)
    if (files.size > this.limits.maxFiles) {
      const message = `Too many files in retrieve call, limit is: ${this.limits.maxFiles}`
      return { zip: null, properties: [], messages: [], error: { code: 'LIMIT_EXCEEDED', message } }
    }
    const packed = [...files, ['package.xml', Buffer.from(writeManifest(manifest))] as const]
    const rooted = new Map(packed.map(([path, bytes]) => [`unpackaged/${path}`, bytes]))
    return { zip: zip(rooted), properties, messages, error: null }
  }
}

export function select(store: MetadataStore, { types }: Manifest): Selection {
  const files = new Map<string, Uint8Array>()
  const properties: FileProperty[] = []
  const messages: { fileName: string; problem: string }[] = []
  const take = (type: string, fullName: string) => {
    const found = contentOf(store, type, fullName)
    if (!found) {
      const problem = `Entity of type '${type}' named '${fullName}' cannot be found`
      messages.push({ fileName: 'unpackaged/package.xml', problem })
      return
    }
    for (const [path, bytes] of found.files) if (!files.has(path) || !parentOf(type)) files.set(path, bytes)
    const fileName = `unpackaged/${mainPathOf(found)}`
    properties.push({ fileName, fullName, id: found.component.id, type, component: found.component })
  }
  for (const { type, members } of grouped(types)) {
    for (const fullName of membersOf(store, type, members)) take(type, fullName)
  }
  for (const [path, bytes] of filesOfChildren(store, types)) if (!isWhole(types, path)) files.set(path, bytes)
  return { files, properties, messages }
}

function grouped(types: Manifest['types']): { type: string; members: readonly string[] }[] {
  return types.map(({ name, members }) => ({ type: name, members }))
}

/** `*` stands for all of a type that does not live in folders; of objects for the custom ones alone. */
function membersOf(store: MetadataStore, type: string, members: readonly string[]): string[] {
  const isWild = members.includes('*') && !typeNamed(type)?.inFolder && !parentOf(type)
  const all = isWild ? store.list(type).map(({ fullName }) => fullName) : []
  const custom = type === 'CustomObject' ? all.filter((name) => name.includes('__')) : all
  return [...new Set([...custom, ...members.filter((name) => name !== '*')])]
}

function contentOf(store: MetadataStore, type: string, fullName: string) {
  const owner = ownerOf(type, fullName) ?? { type, fullName }
  const component = store.get(owner.type, owner.fullName)
  if (!component) return null
  if (!parentOf(type)) return { ...component, component }
  return store.childNamed(type, fullName) ? { ...component, files: new Map<string, Uint8Array>(), component } : null
}

/** Files of parents of which only children were asked for: with these children alone. */
function filesOfChildren(store: MetadataStore, types: Manifest['types']): Map<string, Uint8Array> {
  const asked = types
    .filter(({ name }) => parentOf(name))
    .flatMap(({ name, members }) => members.map((m) => `${name}:${m}`))
  const wanted = new Set(asked)
  const files = store.all().flatMap((component) => {
    const children = childrenOf(component).filter((child) => wanted.has(`${child.type}:${child.fullName}`))
    return children.length === 0 ? [] : [...withOnly(component, children).files]
  })
  return new Map(files)
}

function isWhole(types: Manifest['types'], path: string): boolean {
  const [directory, file = ''] = path.split('/')
  return types.some(({ name, members }) => {
    const type = typeNamed(name)
    if (!type || type.directoryName !== directory) return false
    const fullName = file.slice(0, -(type.suffix?.length ?? 0) - 1)
    return members.includes(fullName) || (members.includes('*') && (name !== 'CustomObject' || fullName.includes('__')))
  })
}
