/** A project in source format as a package: files by their place, those that belong together in one. */
import { FatalError } from '../../errors/steering.ts'
import type { Entry, Package } from './entries.ts'
import { neighboursIn } from './neighbours.ts'
import { type Misplaced, type Place, placeOf } from './place.ts'
import { recompose, type Segment } from './recompose.ts'
import { zipOf } from './zip.ts'

/** A file of the sources, by its path there, and where it goes. */
interface Placed {
  readonly file: string
  readonly place: Place
}

const mostComplaints = 5

/** A file of the sources, by its path there. */
export type Read = (file: string) => Uint8Array

/** `files`: paths below `root`, each of them below one of the package directories. */
export function convert(root: string, packages: readonly string[], files: readonly string[], read: Read): Package {
  const complaints: string[] = []
  const besideOf = neighboursIn(root)
  const placed = files.flatMap((file): Placed[] => {
    const place = placeOf(insidePackage(file, packages), besideOf(file))
    if (place && 'complaint' in place) complaints.push(sentenceOf(place, file))
    return place && !('complaint' in place) ? [{ file, place }] : []
  })
  if (complaints.length > 0) throw new FatalError(summed(complaints))
  return assemble(placed, read)
}

/** As names of directories above a package directory would mislead. */
function insidePackage(file: string, packages: readonly string[]): string {
  const inside = packages.filter((path) => path === '' || file.startsWith(`${path}/`)).sort(longestFirst)[0] ?? ''
  return inside === '' ? file : file.slice(inside.length + 1)
}

function longestFirst(one: string, other: string): number {
  return other.length - one.length
}

/** With the path that people know. */
function sentenceOf({ complaint }: Misplaced, file: string): string {
  return `${file}${complaint.slice(complaint.indexOf(': '))}`
}

function summed(complaints: readonly string[]): string {
  const more = complaints.length - mostComplaints
  return [
    ...complaints.slice(0, mostComplaints),
    ...(more > 0 ? [`… and ${more} more`] : []),
    'correct them, or leave them out with .forceignore or exclude',
  ].join('; ')
}

function assemble(placed: readonly Placed[], readFile: Read): Package {
  const members = new Map<string, Set<string>>()
  const [files, segments, named] = [new Map<string, string>(), new Map<string, readonly Segment[]>(), new Map()]
  const name = ({ file, place: { member } }: Placed) => {
    if (!member) return
    members.set(member.type, (members.get(member.type) ?? new Set()).add(member.name))
    named.set(`${member.type}:${member.name}`, file)
  }
  const entries = [...Map.groupBy(placed, ({ place }) => place.to)].map(([path, all]): Entry => {
    const made = entryOf(path, all, readFile)
    for (const one of all) if (one.place.part !== 'root' || !made.isEmptyRoot) name(one)
    files.set(path, (all.find(({ place }) => place.part === 'root') ?? all.at(-1))?.file ?? path)
    if (made.segments) segments.set(path, made.segments)
    return { path, read: made.read }
  })
  const origins = {
    files: Object.fromEntries(files),
    segments: Object.fromEntries(segments),
    members: Object.fromEntries(named),
  }
  return { entries, members, origins }
}

interface Made {
  readonly read: () => Uint8Array
  readonly segments?: readonly Segment[]
  readonly isEmptyRoot?: boolean
}

function entryOf(path: string, all: readonly Placed[], read: Read): Made {
  if (all.some(({ place }) => place.inside !== undefined)) return { read: () => archiveOf(path, all, read) }
  if (all.every(({ place }) => place.part === undefined) || isAlreadyOne(all)) {
    // Of the same component in several package directories the last one counts.
    const file = all.at(-1)?.file ?? ''
    return { read: () => read(file) }
  }
  const { text, segments, isEmptyRoot } = recomposed(path, all, read)
  return { read: () => new TextEncoder().encode(text), segments, isEmptyRoot }
}

/** Labels, which nearly every project has in one file: as it is. */
function isAlreadyOne(all: readonly Placed[]): boolean {
  return all.length === 1 && all[0]?.place.part === 'labels'
}

function recomposed(path: string, all: readonly Placed[], read: Read) {
  const textOf = (file: string) => ({ file, text: Buffer.from(read(file)).toString('utf8') })
  const wholes = all.filter(({ place: { part } }) => typeof part !== 'object')
  // Of the same component in several package directories the last one counts, except of labels.
  const roots = wholes.some(({ place }) => place.part === 'labels') ? wholes : wholes.slice(-1)
  const children = all.flatMap(({ file, place: { part } }) =>
    typeof part === 'object' ? [{ ...textOf(file), element: part.element }] : [],
  )
  return recompose(
    elementFor(path),
    roots.map(({ file }) => textOf(file)),
    children,
  )
}

const elements: Readonly<Record<string, string>> = {
  object: 'CustomObject',
  objectTranslation: 'CustomObjectTranslation',
  bot: 'Bot',
  labels: 'CustomLabels',
}

function elementFor(path: string): string {
  return elements[path.slice(path.lastIndexOf('.') + 1)] ?? ''
}

function archiveOf(path: string, all: readonly Placed[], read: Read): Uint8Array {
  const inside = all.flatMap(({ file, place }) =>
    place.inside === undefined ? [] : [{ path: place.inside, read: () => read(file) }],
  )
  if (inside.length < all.length) throw new FatalError(`${path} is there twice: as a file and as a directory`)
  return zipOf(inside).bytes
}
