/** What there is to validate: the files of a project and where they go, and its manifests. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path/posix'
import { neighboursIn } from '../../deploy/build/neighbours.ts'
import { type Place, placeOf } from '../../deploy/build/place.ts'
import { type Project, projectIn } from '../../deploy/build/project.ts'
import { filesOf } from '../../deploy/build/walk.ts'
import type { Selection } from '../../sources/selection.ts'
import { readXml } from '../xml.ts'
import { type Manifest, manifestIn } from './manifest.ts'

export interface Item {
  /** Relative to the sources, with `/`. */
  readonly file: string
  readonly bytes: number
  /** Nothing for what is no metadata. */
  readonly place: Place | undefined
  /** Why it looks like metadata and has no place. */
  readonly complaint: string | undefined
}

export interface Inventory {
  readonly root: string
  readonly format: Project['format']
  /** Of the project. */
  readonly apiVersion: string | undefined
  /** Of the project. */
  readonly namespace: string | undefined
  readonly items: readonly Item[]
  readonly manifests: readonly Manifest[]
}

const isManifestName = /^(package|destructiveChanges(Pre|Post)?)\.xml$/

export function inventoryOf(root: string, selection: Selection): Inventory {
  const project = projectIn(root, {})
  const base = join(root, project.directory)
  const named = (path: string) => (project.directory === '' ? path : `${project.directory}/${path}`)
  const items: Item[] = []
  const besideOf = neighboursIn(base)
  for (const inside of project.packages) {
    for (const path of filesOf(base, inside, selection)) {
      const place = placeOf(inside === '' ? path : path.slice(inside.length + 1), besideOf(path))
      items.push(itemOf(join(base, path), place, named(path)))
    }
  }
  const manifests = manifestsIn(root, [...items.map(({ file }) => file), ...looseManifests(base).map(named)])
  const { format, apiVersion, namespace } = project
  // In a package, those further down are files of something else.
  const own = format === 'source' ? manifests : manifests.filter(({ file }) => file === named(basename(file)))
  return { root, format, apiVersion, namespace, items, manifests: own }
}

function itemOf(path: string, place: ReturnType<typeof placeOf>, file: string): Item {
  const complaint = place && 'complaint' in place ? place.complaint.slice(place.complaint.indexOf(': ') + 2) : undefined
  return {
    file,
    bytes: statSync(path).size,
    place: place && 'complaint' in place ? undefined : place,
    complaint,
  }
}

/** Of a project they lie beside its package directories. */
function looseManifests(base: string): readonly string[] {
  return ['', 'manifest'].flatMap((directory) => {
    try {
      const files = readdirSync(join(base, directory)).filter((name) => isManifestName.test(name))
      return files.map((name) => join(directory, name))
    } catch {
      return []
    }
  })
}

function manifestsIn(root: string, files: readonly string[]): readonly Manifest[] {
  return [...new Set(files)]
    .filter((file) => isManifestName.test(basename(file)))
    .flatMap((file) => {
      const { root: element } = readXml(readFileSync(join(root, file), 'utf8'))
      return element?.name === 'Package' ? [manifestIn(file, element)] : []
    })
}
