/** What the sources have, and what is to be deleted. Names count whatever their case is, as in an org. */
import { childTypeNamed } from '../child-types.ts'
import { childrenNamed, type Element, textOf } from '../xml.ts'
import { isCustom, type Reference } from './reference.ts'

type Named = Pick<Reference, 'type' | 'name'>

/** Components that are elements of another's file, as far as anything names them. */
const parts: Readonly<Record<string, readonly string[]>> = {
  CustomObject: ['CustomField', 'RecordType'],
  CustomLabels: ['CustomLabel'],
}

export class Components {
  readonly #there = new Set<string>()
  readonly #deleted = new Set<string>()
  /** Custom objects whose definition is here, and those that have fields here. */
  readonly #defined = new Set<string>()
  readonly #withFields = new Set<string>()
  readonly #code = new Map<string, string>()
  readonly #isProject: boolean

  /** A package may be what changed and no more: what an object has beside that nobody knows. */
  constructor({ isProject }: { readonly isProject: boolean }) {
    this.#isProject = isProject
  }

  add(named: Named): void {
    this.#there.add(keyOf(named))
    if (named.type === 'CustomField') this.#withFields.add(ownerOf(named.name))
  }

  delete(named: Named): void {
    this.#deleted.add(keyOf(named))
  }

  /** Of the class, to find its methods. */
  addCode(name: string, source: string): void {
    this.#code.set(name.toLowerCase(), source)
  }

  /** What a file of XML holds beside itself. */
  addParts(root: Element, owner: string): void {
    const isObject = root.name === 'CustomObject'
    if (isObject && isCustom(owner) && textOf(root, 'label') !== undefined) this.#defined.add(owner.toLowerCase())
    for (const type of parts[root.name] ?? []) {
      for (const part of childrenNamed(root, childTypeNamed(type)?.element ?? '')) {
        const name = textOf(part, 'fullName') ?? ''
        this.add({ type, name: isObject ? `${owner}.${name}` : name })
      }
    }
  }

  has({ type, name }: Named): boolean {
    const types = type === 'Component' ? ['LightningComponentBundle', 'AuraDefinitionBundle'] : [type]
    if (type === 'ApexMethod') return this.#hasMethod(name)
    return types.some((one) => this.#there.has(keyOf({ type: one, name })))
  }

  isDeleted(named: Named): boolean {
    return this.#deleted.has(keyOf(named)) && !this.has(named)
  }

  /** What it would be a part of is here. */
  hasOwnerOf({ type, name }: Named): boolean {
    if (type === 'ApexMethod') return this.#code.has(classOf(name))
    if (type !== 'CustomField' && type !== 'RecordType') return false
    const owner = ownerOf(name)
    // What has the prefix of a package is where the package is.
    if (/\.\w+__\w+__c$/i.test(name)) return false
    return this.#isProject && this.#defined.has(owner) && this.#withFields.has(owner)
  }

  #hasMethod(name: string): boolean {
    const source = this.#code.get(classOf(name)) ?? ''
    return new RegExp(`\\b${name.slice(name.lastIndexOf('.') + 1)}\\s*\\(`, 'i').test(source)
  }
}

function ownerOf(part: string): string {
  return (part.split('.')[0] ?? '').toLowerCase()
}

function classOf(method: string): string {
  return method.slice(0, method.lastIndexOf('.')).toLowerCase()
}

function keyOf({ type, name }: Named): string {
  return `${type}:${name}`.toLowerCase()
}
