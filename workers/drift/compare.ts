/** What of the sources is another in the org, or not there, and the other way round. */
import { partsOf, typesIn } from '../metadata/types.ts'
import { type Element, readXml } from '../metadata/xml.ts'
import { differences, firstDifference, formOf, normalFormOf } from './normal-form.ts'

/** Path in a package → bytes. */
export type Files = ReadonlyMap<string, Uint8Array>

export type Drifted = 'changed' | 'only-here' | 'only-there'

export interface Drift {
  readonly what: Drifted
  /** As in CustomField. */
  readonly type: string
  readonly name: string
  /** In the package. */
  readonly path: string
  /** What is another there; null where all of it is. */
  readonly detail: string | null
}

export interface Compared {
  /** Components. */
  readonly same: number
  readonly drifts: readonly Drift[]
}

const words = { changed: 'is another in', 'only-here': 'is not in', 'only-there': 'is in' } as const

export function sentenceOf({ what, type, name, detail }: Drift, org: string): string {
  const more = what === 'only-there' ? ', and not in the sources' : detail === null ? '' : `: ${detail}`
  return `${type} ${name} ${words[what]} org ${org}${more}`
}

/** `here`: the sources, `there`: what the org gave of the same members. A component of several files counts once. */
export function compare(here: Files, there: Files): Compared {
  const seen = new Set<string>()
  const drifts = new Map<string, Drift>()
  for (const path of new Set([...here.keys(), ...there.keys()])) {
    if (path === 'package.xml' || /^destructiveChanges\w*\.xml$/.test(path)) continue
    for (const one of compareFile(path, here.get(path), there.get(path))) {
      const key = `${one.type}:${one.name}`
      seen.add(key)
      if (one.what !== 'same' && !drifts.has(key)) drifts.set(key, one)
    }
  }
  return { same: seen.size - drifts.size, drifts: [...drifts.values()] }
}

type Outcome = Drift | (Omit<Drift, 'what'> & { readonly what: 'same' })

function compareFile(path: string, here: Uint8Array | undefined, there: Uint8Array | undefined): readonly Outcome[] {
  const { type, name } = componentOf(path)
  if (Object.hasOwn(partsOf, type)) return compareParts(type, path, here, there)
  const detail = here && there ? differenceOf(path, here, there) : null
  const what = !here ? 'only-there' : !there ? 'only-here' : detail === null ? 'same' : 'changed'
  return [{ what, type, name, path, detail }]
}

const isXml = /\.(?:xml|\w+)$/
const isCode = /\.(?:cls|trigger|page|component|js|css|html|json|svg|txt|csv|md)$/

function differenceOf(path: string, here: Uint8Array, there: Uint8Array): string | null {
  if (Buffer.compare(here, there) === 0) return null
  if (isCode.test(path)) {
    const line = firstDifference(here, there)
    return line === null ? null : `from line ${line} on`
  }
  const [one, other] = isXml.test(path) ? [normalFormOf(here), normalFormOf(there)] : [null, null]
  if (one === null || other === null) return 'its bytes'
  const names = differences(one, other)
  return names.length === 0 ? null : names.join(', ')
}

/** Which component a file belongs to, as a manifest names it. */
export function componentOf(path: string): { type: string; name: string } {
  const [directory = '', ...rest] = path.split('/')
  const file = rest.join('/').replace(/-meta\.xml$/, '')
  const types = typesIn(directory)
  const type = types.find(({ suffix }) => suffix !== undefined && file.endsWith(`.${suffix}`)) ?? types[0]
  if (type === undefined) return { type: directory, name: file }
  if (type.shape === 'bundle') return { type: type.name, name: rest[0] ?? file }
  return {
    type: type.name,
    name: type.suffix === undefined ? file : file.replace(new RegExp(`\\.${type.suffix}$`), ''),
  }
}

interface Part {
  readonly type: string
  readonly name: string
  readonly form: string
}

/** Of an object each field, validation rule and so on counts for itself, and what is left of it as the object. */
function compareParts(
  owner: string,
  path: string,
  here: Uint8Array | undefined,
  there: Uint8Array | undefined,
): readonly Outcome[] {
  const { name } = componentOf(path)
  const [ours, theirs] = [here && partsIn(owner, name, here), there && partsIn(owner, name, there)]
  return [...new Set([...(ours?.keys() ?? []), ...(theirs?.keys() ?? [])])].flatMap((key): Outcome[] => {
    const [one, other] = [ours?.get(key), theirs?.get(key)]
    const { type = owner, name: full = name } = one ?? other ?? {}
    const place = { type, name: full, path, detail: null }
    if (one && other) return [{ ...place, what: one.form === other.form ? 'same' : 'changed' }]
    if (one) return [{ ...place, what: 'only-here' }]
    // Where the sources have some parts alone, the others are nobody's drift.
    return ours?.has(owner) && isOwn(type, full) ? [{ ...place, what: 'only-there' }] : []
  })
}

/** What every org has of itself is nobody's drift. */
function isOwn(type: string, name: string): boolean {
  return type !== 'CustomField' || name.endsWith('__c')
}

/** By `Type:name`; the owner itself by its type, where the file says anything of it. */
function partsIn(owner: string, name: string, bytes: Uint8Array): ReadonlyMap<string, Part> {
  const { root } = readXml(Buffer.from(bytes).toString('utf8'))
  const byElement = new Map(Object.values(partsOf[owner] ?? {}).map(({ element, type }) => [element, type]))
  const parts = new Map<string, Part>()
  const own: Element[] = []
  for (const child of root?.children ?? []) {
    const type = byElement.get(child.name)
    const called = child.children.find((one) => one.name === 'fullName')?.text
    if (type === undefined || called === undefined) own.push(child)
    else parts.set(`${type}:${called}`, { type, name: `${name}.${called}`, form: textOf([child]) })
  }
  if (own.length > 0) parts.set(owner, { type: owner, name, form: textOf(own) })
  return parts
}

function textOf(children: readonly Element[]): string {
  const root = { name: '', line: 1, column: 1, attributes: {}, children, text: '' }
  return JSON.stringify([...formOf(root)].toSorted(([one], [other]) => (one < other ? -1 : 1)))
}
