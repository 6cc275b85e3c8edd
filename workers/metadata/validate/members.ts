/** Manifests against files: what is named and not there, what is there and not named, what is deployed and deleted. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path/posix'
import type { Finding } from '../../lint/report.ts'
import { childTypeNamed } from '../child-types.ts'
import { typeNamed } from '../types.ts'
import { childrenNamed, readXml, textOf } from '../xml.ts'
import type { Inventory, Item } from './inventory.ts'
import type { Manifest, Named } from './manifest.ts'
import { found } from './report.ts'

export function manifest(inventory: Inventory): readonly Finding[] {
  const { manifests } = inventory
  return [...manifests.flatMap(unknownTypes), ...missing(inventory), ...unnamed(inventory), ...overlaps(inventory)]
}

/** Names that manifests use for what has another one, or no files. */
const alsoNamed = new Set(['EmailTemplateFolder', 'StandardValueSet', 'GlobalPicklist', 'CustomPageWebLink'])

function unknownTypes({ file, types }: Manifest): readonly Finding[] {
  return types
    .filter(({ type }) => !typeNamed(type) && !childTypeNamed(type) && !alsoNamed.has(type))
    .map((at) =>
      found('metadata/unknown-type', { ...at, file }, `no type of metadata is called ${at.type || 'nothing'}`),
    )
}

/** Of a project, a manifest says what to retrieve as well; of a package, what must be in it. */
function missing({ root, format, items, manifests }: Inventory): readonly Finding[] {
  if (format !== 'mdapi') return []
  const there = new Set(items.flatMap(({ place }) => (place?.member ? [keyOf(place.member)] : [])))
  const parts = new Parts(root, items)
  return manifests
    .filter(({ isDestructive }) => !isDestructive)
    .flatMap(({ file, members }) =>
      members
        .filter(
          (member) => member.name !== '*' && !there.has(keyOf(member)) && !parts.has(member) && !isStandard(member),
        )
        .map((member) =>
          found('metadata/not-in-files', { ...member, file }, `${member.type} ${member.name} is named and not there`),
        ),
    )
}

/** Folders that every org has, and what is there without a file. */
function isStandard({ name }: Named): boolean {
  return name === 'unfiled$public'
}

function unnamed({ format, items, manifests }: Inventory): readonly Finding[] {
  const [own] = manifests.filter(({ isDestructive }) => !isDestructive)
  if (format !== 'mdapi' || !own) return []
  const named = new Set(own.members.map(keyOf))
  const told = new Set<string>()
  return items.flatMap((item) => {
    const { member } = item.place ?? {}
    if (!member || isCovered(member, named, own) || told.has(keyOf(member))) return []
    told.add(keyOf(member))
    return [found('metadata/not-in-manifest', item, `${member.type} ${member.name} is not in ${own.file}`)]
  })
}

function isCovered(member: Pick<Named, 'type' | 'name'>, named: ReadonlySet<string>, { members }: Manifest): boolean {
  if (named.has(keyOf(member)) || named.has(`${member.type}:*`)) return true
  // A folder comes with what is in it, and a file with its parts.
  return members.some(
    ({ type, name }) =>
      (type === member.type && name.startsWith(`${member.name}/`)) ||
      (childTypeNamed(type)?.parent === member.type &&
        (name === '*' || name.startsWith(`${member.name}.`) || type === 'CustomLabel')),
  )
}

function overlaps({ items, manifests }: Inventory): readonly Finding[] {
  const files = new Map(items.flatMap(({ file, place }) => (place?.member ? [[keyOf(place.member), file]] : [])))
  const named = new Set(
    manifests.filter(({ isDestructive }) => !isDestructive).flatMap(({ members }) => members.map(keyOf)),
  )
  return manifests
    .filter(({ isDestructive }) => isDestructive)
    .flatMap(({ file, members }) => members.flatMap((member) => overlap({ ...member, file }, files, named)))
}

function overlap(
  member: Named & { readonly file: string },
  files: ReadonlyMap<string, string>,
  named: ReadonlySet<string>,
) {
  const what = `${member.type} ${member.name}`
  if (member.name === '*') return [found('metadata/destructive', member, `${member.type} is to be deleted by *`)]
  const file = files.get(keyOf(member))
  if (file === undefined && !named.has(keyOf(member))) return []
  return [found('metadata/destructive', member, `${what} is to be deleted and deployed (${file ?? 'package.xml'})`)]
}

function keyOf({ type, name }: Pick<Named, 'type' | 'name'>): string {
  return `${type}:${name}`
}

/** Components that are elements of another's file; each file is read once, when one is asked for. */
class Parts {
  readonly #root: string
  readonly #files: ReadonlyMap<string, string>
  readonly #read = new Map<string, ReturnType<typeof readXml>['root']>()

  constructor(root: string, items: readonly Item[]) {
    this.#root = root
    this.#files = new Map(
      items.flatMap(({ file, place }) =>
        place?.member && !file.endsWith('-meta.xml') ? [[keyOf(place.member), file]] : [],
      ),
    )
  }

  has({ type, name }: Named): boolean {
    const child = childTypeNamed(type)
    if (!child) return false
    const isLabel = type === 'CustomLabel'
    const [owner = '', ...rest] = isLabel ? ['CustomLabels', name] : name.split('.')
    const element = this.#elementOf(`${child.parent}:${owner}`)
    const parts = element ? childrenNamed(element, child.element) : []
    return name === '*' || parts.some((part) => (textOf(part, 'fullName') ?? textOf(part, 'name')) === rest.join('.'))
  }

  #elementOf(key: string) {
    const file = this.#files.get(key)
    if (file !== undefined && !this.#read.has(key)) {
      this.#read.set(key, readXml(readFileSync(join(this.#root, file), 'utf8')).root)
    }
    return this.#read.get(key)
  }
}
