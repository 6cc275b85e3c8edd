/** Which sources these are: a project in source format, or a package as the Metadata API takes it. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../../../src/system/message.ts'
import { FatalError, invalidInput } from '../../errors/steering.ts'
import { isInside, isReallyInside } from '../../sources/inside.ts'
import { type Replacement, replacementsIn } from './replacement.ts'

export interface Project {
  readonly format: 'source' | 'mdapi'
  /** Below the root of the sources, with `/`; empty where it is the root. */
  readonly directory: string
  /** What says that it is one, in its directory. */
  readonly file: string
  /** Of a project, below its directory: where its metadata lies. */
  readonly packages: readonly string[]
  /** Of a project, when it says one. */
  readonly apiVersion: string | undefined
  /** Of a project whose components have one. */
  readonly namespace: string | undefined
  /** Of a project: what becomes something else on its way into the package. */
  readonly replacements: readonly Replacement[]
}

export interface Wanted {
  /** Where below the root the project lies; looked for when it is not said. */
  readonly directory?: string
  /** Of its package directories only these. */
  readonly packageDirectories?: readonly string[]
}

const config = 'sfdx-project.json'
const manifest = 'package.xml'

/** Throws FatalError, a sentence that says what is missing. */
export function projectIn(root: string, { directory, packageDirectories }: Wanted): Project {
  const place = directory === undefined ? lookFor(root) : checked(root, directory)
  if (existsSync(join(root, place, config))) return sourceProject(root, place, packageDirectories)
  if (packageDirectories) throw invalidInput(`packageDirectories: there is no ${config} that could have any`)
  return {
    format: 'mdapi',
    directory: place,
    file: manifest,
    packages: [''],
    apiVersion: undefined,
    namespace: undefined,
    replacements: [],
  }
}

function checked(root: string, directory: string): string {
  const path = join(root, directory)
  if (!isInside(path, root) || !isReallyInside(path, root) || !isDirectory(path))
    throw invalidInput(`directory: there is no directory ${directory} in the sources`)
  return directory.split('/').filter(isStep).join('/')
}

function isStep(part: string): boolean {
  return part !== '' && part !== '.'
}

/** At the root, in the one directory that it has, as archives of forges do, or in `src`, as projects of old do. */
function lookFor(root: string): string {
  const only = onlyDirectoryOf(root)
  const places = ['', only, 'src', only && `${only}/src`].filter((place) => place !== undefined)
  const found = places.find((place) => [config, manifest].some((name) => existsSync(join(root, place, name))))
  if (found !== undefined) return found
  throw new FatalError(
    `the sources have neither ${config} nor ${manifest}: say under directory where in them the project lies`,
  )
}

function onlyDirectoryOf(root: string): string | undefined {
  const entries = readdirSync(root, { withFileTypes: true })
  return entries.length === 1 && entries[0]?.isDirectory() ? entries[0].name : undefined
}

interface ProjectFile {
  readonly packageDirectories?: readonly { readonly path?: unknown }[]
  readonly sourceApiVersion?: unknown
  readonly namespace?: unknown
  readonly [other: string]: unknown
}

/** They change what is deployed; to deploy without them would be to deploy something else. */
const notApplied = ['registryCustomizations', 'registryPresets', 'sourceBehaviorOptions']

function sourceProject(root: string, directory: string, wanted: readonly string[] | undefined): Project {
  const file = read(join(root, directory, config))
  const strange = notApplied.find((name) =>
    Array.isArray(file[name]) ? file[name].length > 0 : file[name] !== undefined,
  )
  if (strange !== undefined) {
    throw new FatalError(
      `${config} has ${strange}, which is not applied here: convert the project with "sf project convert source" and deploy what that gives`,
    )
  }
  const { sourceApiVersion, namespace } = file
  return {
    format: 'source',
    directory,
    file: config,
    packages: packagesOf(file, join(root, directory), wanted),
    apiVersion: typeof sourceApiVersion === 'string' ? sourceApiVersion : undefined,
    namespace: typeof namespace === 'string' && /^\w+$/.test(namespace) ? namespace : undefined,
    replacements: replacementsIn(file.replacements),
  }
}

function read(path: string): ProjectFile {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (typeof value === 'object' && value !== null) return value as ProjectFile
    throw new Error('it is not an object')
  } catch (error) {
    throw invalidInput(`${config} cannot be read: ${messageOf(error)}`)
  }
}

function packagesOf(file: ProjectFile, root: string, wanted: readonly string[] | undefined): readonly string[] {
  const listed = Array.isArray(file.packageDirectories) ? file.packageDirectories : []
  const paths = listed.flatMap(({ path }) => (typeof path === 'string' ? [normal(path)] : []))
  const missing = wanted?.find((path) => !paths.includes(normal(path)))
  if (missing !== undefined)
    throw invalidInput(`packageDirectories: ${config} has no ${missing}, but ${paths.join(', ') || 'none'}`)
  const chosen = wanted?.map(normal) ?? paths
  if (chosen.length === 0) throw invalidInput(`${config} lists no packageDirectories`)
  for (const path of chosen) {
    const place = join(root, path)
    if (!isInside(place, root) || !isReallyInside(place, root) || !isDirectory(place))
      throw invalidInput(`${config} lists the package directory ${path}, which is not there`)
  }
  return chosen
}

function normal(path: string): string {
  return path.replaceAll('\\', '/').split('/').filter(isStep).join('/')
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}
