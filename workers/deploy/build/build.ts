/** From sources to what is sent to an org. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path/posix'
import { invalidInput } from '../../errors/steering.ts'
import { isInside, isReallyInside } from '../../sources/inside.ts'
import type { Selection } from '../../sources/selection.ts'
import { convert } from './convert.ts'
import type { Entry, Members, Origins, Package } from './entries.ts'
import { manifestOf } from './manifest.ts'
import { type Project, projectIn, type Wanted } from './project.ts'
import { type Replaced, Replacer, type Variables } from './replacements.ts'
import { filesOf } from './walk.ts'
import { type Packed, zipOf } from './zip.ts'

export interface Build extends Wanted, Partial<Selection> {
  /** Manifests of what is to be deleted, by their path in the sources. */
  readonly destructive?: { readonly pre?: string; readonly post?: string }
  readonly apiVersion?: string
  /** For replacements of the project. */
  readonly variables?: Variables
}

export interface Built extends Packed {
  readonly format: Project['format']
  readonly origins: Origins
  /** Of the manifest, unless the sources brought one. */
  readonly components: number | null
  readonly replaced: readonly Replaced[]
  /** A secret is in it: what is made of its bytes is not to be shown. */
  readonly hasSecret: boolean
}

const manifestName = 'package.xml'
const destructiveNames = { pre: 'destructiveChangesPre.xml', post: 'destructiveChangesPost.xml' } as const

/** `orgVersion` counts where neither the request nor the project says one. Throws FatalError with a sentence. */
export function build(root: string, options: Build, orgVersion: string): Built {
  const project = projectIn(root, options)
  const { include = [], exclude = [] } = options
  const base = join(root, project.directory)
  const files = [...new Set(project.packages.flatMap((below) => [...filesOf(base, below, { include, exclude })]))]
  const destructive = destructiveIn(base, options)
  const replacer = new Replacer(base, project.replacements, options.variables ?? new Map())
  const made = project.format === 'source' ? convert(base, project.packages, files, replacer.read) : asItIs(base, files)
  const version = options.apiVersion ?? project.apiVersion ?? orgVersion
  const own = project.format === 'mdapi' && existsSync(join(base, manifestName))
  if (made.entries.length === 0 && destructive.length === 0) throw invalidInput(nothing(project))
  const manifest: Entry[] = own ? [] : [{ path: manifestName, read: () => textOf(manifestOf(made.members, version)) }]
  const packed = zipOf([...made.entries, ...destructive, ...manifest])
  return {
    ...packed,
    format: project.format,
    origins: below(project.directory, { ...made.origins, fallback: project.file }),
    components: own ? null : countOf(made.members),
    replaced: replacer.done,
    hasSecret: replacer.hasPutSecret,
  }
}

/** What a package has is deployed as it is; its files say what a manifest would have to name. */
function asItIs(base: string, files: readonly string[]): Package {
  const readFile = (path: string) => readFileSync(join(base, path))
  const entries = files.map((path) => ({ path, read: () => readFile(path) }))
  const needsManifest = !existsSync(join(base, manifestName))
  const members = needsManifest ? convert(base, [''], files, readFile).members : new Map<string, Set<string>>()
  const origin = Object.fromEntries(files.map((path) => [path, path]))
  return { entries, members, origins: { files: origin, segments: {}, members: {} } }
}

function destructiveIn(base: string, { destructive = {} }: Build): readonly Entry[] {
  return (['pre', 'post'] as const).flatMap((when) => {
    const path = destructive[when]
    if (path === undefined) return []
    const file = join(base, path)
    const isThere = isInside(file, base) && isReallyInside(file, base)
    if (!isThere || !statSync(file, { throwIfNoEntry: false })?.isFile())
      throw invalidInput(`destructive.${when}: there is no file ${path} in the sources`)
    return [{ path: destructiveNames[when], read: () => readFileSync(file) }]
  })
}

function nothing({ format, packages }: Project): string {
  const where = format === 'source' ? `below ${packages.join(', ')}` : 'in the package'
  return `there is nothing to deploy ${where}: look at include, exclude and .forceignore`
}

function countOf(members: Members): number {
  return [...members.values()].reduce((sum, names) => sum + names.size, 0)
}

function textOf(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** Relative to the sources, as whoever sent them knows them. */
function below(directory: string, origins: Origins): Origins {
  if (directory === '') return origins
  const { files, segments, members, fallback } = origins
  const under = (path: string) => `${directory}/${path}`
  const all = (paths: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, under(path)]))
  return {
    files: all(files),
    segments: Object.fromEntries(
      Object.entries(segments).map(([path, list]) => [
        path,
        list.map(([line, file, there]) => [line, under(file), there]),
      ]),
    ),
    members: all(members),
    fallback: under(fallback),
  }
}
