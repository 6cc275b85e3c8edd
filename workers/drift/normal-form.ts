/**
 * Whether two files of metadata say the same. What tools and orgs write in another way without another meaning does not
 * count: white space, comments, line ends, and the order of elements below the root, of which each is known by itself.
 */
import { type Element, readXml } from '../metadata/xml.ts'

/** Below the root, the order of these is what they say. */
const ordered: ReadonlySet<string> = new Set([
  'columns',
  'customValue',
  'flexiPageRegions',
  'layoutSections',
  'quickActionListItems',
  'relatedLists',
  'sections',
  'tabs',
  'tab',
  'values',
])

/** Elements below the root by name, each as one text. */
export type NormalForm = ReadonlyMap<string, readonly string[]>

/** Null of what is no XML. */
export function normalFormOf(bytes: Uint8Array): NormalForm | null {
  const { root } = readXml(Buffer.from(bytes).toString('utf8'))
  return root === undefined ? null : formOf(root)
}

export function formOf(root: Element): NormalForm {
  const groups = Map.groupBy(root.children, ({ name }) => name)
  return new Map(
    [...groups].map(([name, elements]) => {
      const texts = elements.map(textOf)
      return [name, ordered.has(name) ? texts : texts.toSorted()]
    }),
  )
}

/** Deeper down elements stay in their order, those of one name together. */
function textOf({ name, text, children, attributes }: Element): string {
  const own = Object.entries(attributes)
    .filter(([attribute]) => attribute !== 'xmlns')
    .map(([attribute, value]) => ` ${attribute}=${JSON.stringify(value)}`)
    .toSorted()
  const inner = children.toSorted((one, other) => (one.name < other.name ? -1 : one.name > other.name ? 1 : 0))
  return `<${name}${own.join('')}>${text.replace(/\r\n?/g, '\n')}${inner.map(textOf).join('')}</${name}>`
}

/** Names of the elements below the root that differ. */
export function differences(one: NormalForm, other: NormalForm): readonly string[] {
  const names = new Set([...one.keys(), ...other.keys()])
  return [...names].filter((name) => JSON.stringify(one.get(name)) !== JSON.stringify(other.get(name))).toSorted()
}

/** The first line, from 1, in which two texts differ but for line ends and white space at the ends of lines; null when none does. */
export function firstDifference(one: Uint8Array, other: Uint8Array): number | null {
  const [here, there] = [linesOf(one), linesOf(other)]
  const at = here.findIndex((line, index) => line !== there[index])
  if (at >= 0) return at + 1
  return here.length === there.length ? null : here.length + 1
}

function linesOf(bytes: Uint8Array): string[] {
  return Buffer.from(bytes)
    .toString('utf8')
    .split(/\r\n?|\n/)
    .map((line) => line.trimEnd())
    .join('\n')
    .trimEnd()
    .split('\n')
}
