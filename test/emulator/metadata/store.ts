import type { Files } from './archive.ts'
import {
  type Child,
  type ComponentFiles,
  childrenOf,
  componentsOf,
  keyOf,
  mainPathOf,
  merged,
  ownerOf,
  without,
} from './components.ts'
import { parentOf, typeNamed } from './types.ts'

/** A component as the org has it: its files byte for byte, and when it came and changed. */
export interface StoredComponent extends ComponentFiles {
  readonly id: string
  readonly createdAtMs: number
  readonly modifiedAtMs: number
}

export interface MetadataChange {
  readonly kind: 'created' | 'changed' | 'deleted'
  readonly type: string
  readonly fullName: string
  /** As it is now, or was last. */
  readonly component: StoredComponent
  readonly before: StoredComponent | undefined
}

export interface Named {
  readonly type: string
  readonly fullName: string
}

/** What an org must give: ids by their first letters, and its clock. */
export interface StoreFacts {
  readonly newId: (keyPrefix: string) => string
  readonly now: () => number
  /** Told of every change, also those that tests make by hand. */
  readonly onChange?: (change: MetadataChange) => void
}

/** The metadata of one org. */
export class MetadataStore {
  readonly #facts: StoreFacts
  readonly #components = new Map<string, StoredComponent>()

  constructor(facts: StoreFacts) {
    this.#facts = facts
  }

  /** Stores files as a deployment would: `{'classes/A.cls': '…', 'classes/A.cls-meta.xml': '…'}`. */
  add(files: Readonly<Record<string, string | Uint8Array>>): void {
    const bytes = new Map(Object.entries(files).map(([path, content]) => [path, Buffer.from(content)]))
    for (const component of componentsOf(bytes)) this.put(component)
  }

  put({ type, fullName, files }: ComponentFiles): 'created' | 'changed' | 'unchanged' {
    const before = this.#components.get(keyOf(type, fullName))
    if (before && equal(before.files, files)) return 'unchanged'
    const now = this.#facts.now()
    const id = before?.id ?? this.#facts.newId(typeNamed(type)?.keyPrefix ?? '0ME')
    const component = { type, fullName, files, id, createdAtMs: before?.createdAtMs ?? now, modifiedAtMs: now }
    this.#components.set(keyOf(type, fullName), component)
    const kind = before ? 'changed' : 'created'
    this.#facts.onChange?.({ kind, type, fullName, component, before })
    return kind
  }

  /** Puts single children into their parent's file and leaves the others alone. */
  putChildren(parent: ComponentFiles, children: readonly Child[]): 'created' | 'changed' | 'unchanged' {
    const stored = this.get(parent.type, parent.fullName)
    return this.put(stored ? merged(stored, children) : parent)
  }

  /** Whether there was anything to remove. */
  remove({ type, fullName }: Named): boolean {
    const component = this.#components.get(keyOf(type, fullName))
    if (!component) return this.#removeChild({ type, fullName })
    this.#components.delete(keyOf(type, fullName))
    this.#facts.onChange?.({ kind: 'deleted', type, fullName, component, before: component })
    return true
  }

  get(type: string, fullName: string): StoredComponent | undefined {
    return this.#components.get(keyOf(type, fullName))
  }

  has({ type, fullName }: Named): boolean {
    return this.get(type, fullName) !== undefined || this.childNamed(type, fullName) !== undefined
  }

  all(): StoredComponent[] {
    return [...this.#components.values()]
  }

  /** Components of a type, or the children of a child type with their parent. */
  list(type: string): (Named & { readonly fileName: string; readonly component: StoredComponent })[] {
    const place = parentOf(type)
    const components = this.all().filter((component) => component.type === (place?.parent.xmlName ?? type))
    if (!place) return components.map((component) => ({ ...entryOf(component), component }))
    return components.flatMap((component) =>
      childrenOf(component)
        .filter((child) => child.type === type)
        .map(({ fullName }) => ({ type, fullName, fileName: mainPathOf(component), component })),
    )
  }

  childNamed(type: string, fullName: string): Child | undefined {
    const owner = ownerOf(type, fullName)
    const component = owner && this.get(owner.type, owner.fullName)
    return component
      ? childrenOf(component).find((child) => child.type === type && child.fullName === fullName)
      : undefined
  }

  #removeChild({ type, fullName }: Named): boolean {
    const owner = ownerOf(type, fullName)
    const stored = owner && this.get(owner.type, owner.fullName)
    const child = this.childNamed(type, fullName)
    if (!stored || !child) return false
    this.put(without(stored, child))
    return true
  }
}

function entryOf(component: StoredComponent): Named & { fileName: string } {
  return { type: component.type, fullName: component.fullName, fileName: mainPathOf(component) }
}

function equal(one: Files, other: Files): boolean {
  if (one.size !== other.size) return false
  return [...one].every(([path, bytes]) => {
    const others = other.get(path)
    return others !== undefined && Buffer.compare(bytes, others) === 0
  })
}
