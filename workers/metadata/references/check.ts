/**
 * What components of the sources name: what is there, what should be there and is not, what is to be deleted, and what the
 * org must have already. Which of the last it has nobody can tell without it, so that is named and no finding.
 *
 *     named ─▶ in the sources
 *           ─▶ deleted by a manifest of the sources        error
 *           ─▶ a part of something that is in the sources  warning
 *           ─▶ in the org, or nowhere                      listed
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path/posix'
import { setImmediate } from 'node:timers/promises'
import type { Finding } from '../../lint/report.ts'
import type { Inventory, Item } from '../validate/inventory.ts'
import { found } from '../validate/report.ts'
import { readXml } from '../xml.ts'
import { Components } from './components.ts'
import { isCode, referencesInCode } from './in-code.ts'
import { isRead, referencesInXml } from './in-xml.ts'
import type { Reference } from './reference.ts'

/** Something that a project needs and does not have itself. */
export interface Needed {
  readonly type: string
  readonly name: string
  readonly count: number
  /** Where it is named first. */
  readonly file: string
  readonly line: number
}

export interface References {
  readonly findings: readonly Finding[]
  readonly resolved: number
  /** In order of type and name. */
  readonly needed: readonly Needed[]
}

/** What is larger nobody wrote by hand: reading it would hold the task for seconds. */
const largestBytes = 8 * 2 ** 20
const breathEveryMs = 50

/**
 * `around` is the whole project, of which the inventory may be a part. `tell` is called between files, now and then; what
 * it throws ends the check.
 */
export async function references(
  inventory: Inventory,
  { around = inventory, tell = () => {} }: { around?: Inventory; tell?: (done: number, file: string) => void } = {},
): Promise<References> {
  const { items, manifests, namespace, format } = around
  const components = new Components({ isProject: format === 'source' })
  for (const { isDestructive, members } of manifests)
    if (isDestructive) for (const member of members) components.delete(member)
  const wanted = new Set(inventory.items.map(({ file }) => file))
  const all: Reference[] = []
  let breathedAt = Date.now()
  for (const [done, item] of items.entries()) {
    if (Date.now() - breathedAt > breathEveryMs) {
      tell(done, item.file)
      await setImmediate()
      breathedAt = Date.now()
    }
    const named = referencesIn(around.root, item, components)
    if (wanted.has(item.file)) for (const reference of named) all.push(withoutPrefix(reference, namespace))
  }
  return judge(all, components)
}

/** What one file names; what it has is noted on the way. */
function referencesIn(root: string, { file, bytes, place }: Item, components: Components): readonly Reference[] {
  const { member, inside } = place ?? {}
  if (!member || inside !== undefined) return []
  components.add(member)
  if (bytes > largestBytes) return []
  const text = () => readFileSync(join(root, file), 'utf8')
  if (member.type === 'ApexClass' && file.endsWith('.cls')) components.addCode(member.name, text())
  if (isCode(member.type, file)) return referencesInCode(member.type, file, text())
  if (!isRead(member.type)) return []
  const { root: element } = readXml(text())
  if (!element) return []
  components.addParts(element, member.name)
  return referencesInXml(element, { file, name: member.name })
}

function judge(all: readonly Reference[], components: Components): References {
  const findings: Finding[] = []
  const needed = new Map<string, Needed>()
  let resolved = 0
  for (const reference of all) {
    const { type, name, file, line } = reference
    if (components.isDeleted(reference))
      findings.push(found('metadata/refers-to-deleted', reference, `the ${wordsOf(reference)} is to be deleted`))
    else if (components.has(reference)) resolved++
    else if (components.hasOwnerOf(reference))
      findings.push(found('metadata/unresolved', reference, `there is no ${wordsOf(reference)} in the sources`))
    else if (type !== 'ApexMethod') {
      const key = `${type}:${name.toLowerCase()}`
      const known = needed.get(key)
      needed.set(key, { ...(known ?? { type, name, file, line }), count: (known?.count ?? 0) + 1 })
    }
  }
  return { findings: onePerLine(findings), resolved, needed: [...needed.values()].sort(byTypeAndName) }
}

/** The project's own namespace says no more than none. */
function withoutPrefix(reference: Reference, namespace: string | undefined): Reference {
  if (namespace === undefined) return reference
  const prefix = new RegExp(`(^|\\.)${namespace}(?:__|\\.)`, 'gi')
  return { ...reference, name: reference.name.replace(prefix, '$1') }
}

/** Several rules may say the same of one place. */
function onePerLine(findings: readonly Finding[]): readonly Finding[] {
  return [
    ...new Map(findings.map((finding) => [`${finding.file}:${finding.line}:${finding.message}`, finding])).values(),
  ]
}

const words: Readonly<Record<string, string>> = { ApexMethod: 'method' }

function wordsOf({ type, name }: Reference): string {
  return `${words[type] ?? type} ${name}`
}

function byTypeAndName(one: Needed, other: Needed): number {
  const order = one.type === other.type ? [one.name, other.name] : [one.type, other.type]
  return (order[0] ?? '') < (order[1] ?? '') ? -1 : 1
}
