/** Files that belong to each other, and files that belong to nothing. */
import { basename } from 'node:path/posix'
import type { Finding } from '../../lint/report.ts'
import type { Inventory, Item } from './inventory.ts'
import { found } from './report.ts'

const metaEnding = '-meta.xml'

export function pairs({ items }: Inventory): readonly Finding[] {
  return [...items.flatMap(complaints), ...bundles(items), ...resources(items)]
}

function complaints({ file, complaint }: Item): readonly Finding[] {
  if (complaint === undefined) return []
  const isUnknown = /^no type of metadata|has no parts/.test(complaint)
  return [found(isUnknown ? 'metadata/unknown-type' : 'metadata/pair', { file }, complaint)]
}

/** Each component of the web has a description in its directory. */
function bundles(items: readonly Item[]): readonly Finding[] {
  return [...grouped(items, ['LightningComponentBundle', 'AuraDefinitionBundle'])].flatMap(([member, files]) => {
    const [type, name = ''] = member.split(':')
    const isDescribed = files.some(({ file }) =>
      type === 'LightningComponentBundle' ? basename(file) === `${name}.js${metaEnding}` : file.endsWith(metaEnding),
    )
    const [first] = files
    if (isDescribed || !first) return []
    const missing =
      type === 'LightningComponentBundle' ? `${name}.js${metaEnding}` : `file that ends with ${metaEnding}`
    return [found('metadata/pair', first, `the component ${name} has no ${missing}`)]
  })
}

function resources(items: readonly Item[]): readonly Finding[] {
  return [...grouped(items, ['StaticResource'])].flatMap(([member, files]) => {
    const name = member.slice('StaticResource:'.length)
    const [first] = files
    const described = files.filter(({ file }) => file.endsWith(metaEnding))
    if (!first || (described.length > 0 && described.length < files.length)) return []
    const missing =
      described.length === 0 ? `${name}.resource${metaEnding}` : 'file or directory beside its description'
    return [found('metadata/pair', first, `the static resource ${name} has no ${missing}`)]
  })
}

/** `Type:Name` → its files. What of a resource's directory goes into its archive belongs to it, too. */
export function grouped(items: readonly Item[], types: readonly string[]): ReadonlyMap<string, readonly Item[]> {
  const groups = new Map<string, Item[]>()
  for (const item of items) {
    const { member, inside, to } = item.place ?? {}
    const owner =
      inside === undefined ? member : { type: 'StaticResource', name: basename(to ?? '').replace(/\.resource$/, '') }
    if (!owner || !types.includes(owner.type)) continue
    const key = `${owner.type}:${owner.name}`
    groups.set(key, [...(groups.get(key) ?? []), item])
  }
  return groups
}
