/** The same component twice: in two package directories, or in two ways of writing it. */
import type { Finding } from '../../lint/report.ts'
import type { Inventory, Item } from './inventory.ts'
import { found } from './report.ts'

export function duplicates({ items, manifests }: Inventory): readonly Finding[] {
  return [...ofFiles(items), ...manifests.flatMap(ofMembers)]
}

function ofFiles(items: readonly Item[]): readonly Finding[] {
  const first = new Map<string, Item>()
  return items.flatMap((item) => {
    const key = keyOf(item)
    if (key === undefined) return []
    const other = first.get(key)
    if (!other) {
      first.set(key, item)
      return []
    }
    const { member, to } = item.place ?? {}
    return [
      found('metadata/duplicate', item, `${member ? `${member.type} ${member.name}` : to} is in ${other.file} too`),
    ]
  })
}

/** Parts of one file are told apart by what they are; labels are put together from as many files as there are. */
function keyOf({ place }: Item): string | undefined {
  if (!place || place.part === 'labels' || place.part === 'root') return undefined
  if (place.inside !== undefined) return `${place.to}!${place.inside}`
  return place.part ? `${place.to}#${place.member?.type}:${place.member?.name}` : place.to
}

function ofMembers({ file, members }: Inventory['manifests'][number]): readonly Finding[] {
  const seen = new Set<string>()
  return members.flatMap(({ type, name, line, column }) => {
    const key = `${type}:${name}`
    if (!seen.has(key)) {
      seen.add(key)
      return []
    }
    return [found('metadata/duplicate', { file, line, column }, `the ${type} ${name} is named twice`)]
  })
}
