/** Which root element a file of XML must have, by its path alone (with `/`). */
import { type MetadataType, partsOf, typesIn, typesWith } from './types.ts'

const metaEnding = '-meta.xml'

/** Nothing for a file that is no XML of a known type. */
export function rootElementOf(path: string): RegExp | undefined {
  const parts = path.split('/')
  const file = parts.at(-1) ?? ''
  if (/^(package|destructiveChanges(Pre|Post)?)\.xml$/.test(file)) return named('Package')
  if (!file.endsWith(metaEnding)) return inPackage(parts.slice(0, -1), suffixOf(file))
  const name = file.slice(0, -metaEnding.length)
  const owner = parts.slice(0, -1).flatMap((part) => typesIn(part).filter(isWhole))[0]
  return owner ? inWhole(owner, name) : bySuffix(parts.slice(0, -1), name)
}

/** What lies below the directory of such a type belongs to its components, whatever its name is. */
function isWhole({ shape, strict }: MetadataType): boolean {
  return strict || shape === 'bundle' || shape === 'site' || shape === 'experience'
}

function inWhole(type: MetadataType, file: string): RegExp | undefined {
  const suffix = suffixOf(file)
  if (type.shape === 'document' && (suffix === '' || suffix === 'documentFolder')) return named('DocumentFolder')
  if (type.shape !== 'decomposed') return named(type.name)
  if (suffix === type.suffix) return named(type.name)
  const part = partsOf[type.name]?.[suffix]?.type
  return part === undefined ? undefined : named(part)
}

function bySuffix(directories: readonly string[], file: string): RegExp | undefined {
  const suffix = suffixOf(file)
  // In a package, what describes a folder has no suffix.
  if (suffix === '') return directories.flatMap(typesIn).some(isFolder) ? /^\w+Folder$/ : undefined
  const [type, ...others] = known(directories, suffix)
  return type && others.length === 0 ? rootOf(type) : undefined
}

/** In a package, most types have one file of XML for each component, in the directory of the type. */
function inPackage(directories: readonly string[], suffix: string): RegExp | undefined {
  const type = typesWith(suffix).find(({ directory }) => directories.includes(directory))
  return type && ['plain', 'decomposed', 'territory'].includes(type.shape) ? rootOf(type) : undefined
}

/** In the directory of the type, or else wherever it is the only one. */
function known(directories: readonly string[], suffix: string): readonly MetadataType[] {
  const types = typesWith(suffix)
  const here = types.filter(({ directory }) => directories.includes(directory))
  return here.length > 0 ? here.slice(0, 1) : types
}

function rootOf(type: MetadataType): RegExp {
  if (type.name === 'Settings') return /^\w*Settings$/
  return isFolder(type) ? /^\w+Folder$/ : named(type.name)
}

function named(name: string): RegExp {
  return new RegExp(`^${name}$`)
}

function isFolder({ shape }: MetadataType): boolean {
  return shape === 'folder'
}

function suffixOf(file: string): string {
  return file.includes('.') ? (file.split('.').at(-1) ?? '') : ''
}
