/**
 * Where a file of a project in source format goes in a package. Paths have `/`; those of a project are relative to its
 * package directory, those of a package to its root. Files of a package find their own place, too.
 */
import { type MetadataType, type Part, partsOf, typesIn, typesWith } from '../../metadata/types.ts'

export interface Place {
  /** In the package. */
  readonly to: string
  /** What a manifest has to name for it, nothing where it names something else already. */
  readonly member: Member | undefined
  /** One of several files that make `to` together: what element it becomes there, or its beginning and end. */
  readonly part?: Part | 'root' | 'labels'
  /** A file of the archive that `to` is: its path in there. */
  readonly inside?: string
}

export interface Member {
  readonly type: string
  readonly name: string
}

/** A file that looks like metadata and cannot be placed: the sentence about it. */
export interface Misplaced {
  readonly complaint: string
}

/** The files beside it, to find what belongs to what: their names without the directory. */
export type Beside = (path: string) => ReadonlySet<string>

interface Found {
  readonly type: MetadataType
  /** Its path below the directory of the type. */
  readonly rest: readonly string[]
}

const metaEnding = '-meta.xml'

/** Nothing for a file that is none of the metadata. */
export function placeOf(path: string, beside: Beside): Place | Misplaced | undefined {
  const parts = path.split('/')
  const strict = inStrictDirectory(parts)
  if (strict) return placeIn(strict, path, beside)
  const name = parts.at(-1) ?? ''
  const isMeta = name.endsWith(metaEnding)
  const { base, suffix } = cut(isMeta ? name.slice(0, -metaEnding.length) : name)
  if (suffix === undefined) return isMeta ? folderIn(parts, base) : undefined
  const type = typeOf(suffix, parts)
  if (type) return placeBySuffix({ type, base, isMeta }, parts, beside)
  return isMeta ? { complaint: `${path}: no type of metadata has the suffix ${suffix}` } : undefined
}

function cut(name: string): { base: string; suffix: string | undefined } {
  const dot = name.lastIndexOf('.')
  return dot <= 0 ? { base: name, suffix: undefined } : { base: name.slice(0, dot), suffix: name.slice(dot + 1) }
}

/** The outermost such directory: what lies in a bundle may have any name. */
function inStrictDirectory(parts: readonly string[]): Found | undefined {
  for (const [at, directory] of parts.slice(0, -1).entries()) {
    const type = typesIn(directory).find(({ strict, shape }) => strict || shape === 'site' || shape === 'territory')
    if (type) return { type, rest: parts.slice(at + 1) }
  }
  return undefined
}

function placeIn({ type, rest }: Found, path: string, beside: Beside): Place | Misplaced | undefined {
  switch (type.shape) {
    case 'bundle':
      return rest.length < 2 ? undefined : asItIs(type, rest, rest[0])
    case 'experience':
      return asItIs(type, rest, rest.length > 1 ? rest[0] : rest[0]?.replace(/\.site-meta\.xml$/, ''))
    case 'site':
      return rest.length < 3 ? undefined : asItIs(type, rest, `${rest[0]}/${rest[1]}`)
    case 'resource':
      return resource(type, rest)
    case 'document':
      return document(type, rest, path, beside)
    case 'decomposed':
      return decomposed(type, rest, path)
    case 'territory':
      return territory(type, rest)
    default:
      return strictFile(type, rest)
  }
}

function asItIs({ name, directory }: MetadataType, rest: readonly string[], member = ''): Place {
  return { to: [directory, ...rest].join('/'), member: { type: name, name: member } }
}

/** Its name has no dots; a directory of that name is what the archive holds. */
function resource({ name: type, directory }: MetadataType, rest: readonly string[]): Place {
  const [first = '', ...inside] = rest
  const name = first.split('.', 1)[0] ?? ''
  const member = { type, name }
  if (inside.length > 0) return { to: `${directory}/${first}.resource`, member: undefined, inside: inside.join('/') }
  return { to: `${directory}/${name}.resource${first.endsWith(metaEnding) ? metaEnding : ''}`, member }
}

/** In a package, what is said of a document is named as its file, ending and all. */
function document(
  { name: type, directory, suffix }: MetadataType,
  rest: readonly string[],
  path: string,
  beside: Beside,
): Place | Misplaced {
  const folders = rest.slice(0, -1)
  const file = rest.at(-1) ?? ''
  const folder = /^(.+?)(?:\.documentFolder)?-meta\.xml$/.exec(file)?.[1]
  const isFolder = folder !== undefined && (file.endsWith(`.documentFolder${metaEnding}`) || !folder.includes('.'))
  if (isFolder) {
    const name = [...folders, folder].join('/')
    return { to: `${directory}/${name}${metaEnding}`, member: { type, name } }
  }
  const ending = `.${suffix}${metaEnding}`
  if (!file.endsWith(ending)) {
    const name = [...folders, file.replace(/-meta\.xml$/, '')].join('/')
    return { to: [directory, ...rest].join('/'), member: { type, name } }
  }
  const base = file.slice(0, -ending.length)
  const content = [...beside(path)].find((other) => cut(other).base === base && !other.endsWith(metaEnding))
  if (content === undefined) return { complaint: `${path}: the document that it describes is not there` }
  const name = [...folders, content].join('/')
  return { to: `${directory}/${name}${metaEnding}`, member: { type, name } }
}

function decomposed(type: MetadataType, rest: readonly string[], path: string): Place | Misplaced | undefined {
  const { name, directory, suffix } = type
  const file = rest.at(-1) ?? ''
  if (rest.length === 1 && file.endsWith(`.${suffix}`)) {
    return { to: `${directory}/${file}`, member: { type: name, name: cut(file).base } }
  }
  if (!file.endsWith(metaEnding)) return undefined
  const { base, suffix: ending = '' } = cut(file.slice(0, -metaEnding.length))
  const owner = rest.length === 1 ? base : (rest[0] ?? '')
  const to = `${directory}/${owner}.${suffix}`
  if (ending === suffix) return { to, member: { type: name, name: owner }, part: 'root' }
  const parts = partsOf[name] ?? {}
  const part = Object.hasOwn(parts, ending) ? parts[ending] : undefined
  if (!part) return { complaint: `${path}: a ${name} has no parts with the suffix ${ending}` }
  return { to, member: part.type === undefined ? undefined : { type: part.type, name: `${owner}.${base}` }, part }
}

/** Rules and territories lie in the directory of their model. */
function territory(type: MetadataType, rest: readonly string[]): Place | undefined {
  const file = rest.at(-1)?.replace(/-meta\.xml$/, '') ?? ''
  const { base, suffix = '' } = cut(file)
  const own = typesWith(suffix).find(({ shape }) => shape === 'territory')
  if (!own || type.name !== 'Territory2Model') return undefined
  const to = [type.directory, ...rest.slice(0, -1), file].join('/')
  return { to, member: { type: own.name, name: own === type ? base : `${rest[0]}.${base}` } }
}

function strictFile(type: MetadataType, rest: readonly string[]): Place | undefined {
  const file = rest.at(-1) ?? ''
  const isMeta = file.endsWith(metaEnding)
  const { base, suffix } = cut(isMeta ? file.slice(0, -metaEnding.length) : file)
  if (suffix !== type.suffix) return undefined
  const ending = isMeta && type.shape === 'content' ? metaEnding : ''
  return { to: `${type.directory}/${base}.${suffix}${ending}`, member: { type: type.name, name: base } }
}

/** What a package says of a folder: `reports/Folder-meta.xml`. */
function folderIn(parts: readonly string[], base: string): Place | undefined {
  const at = parts.findLastIndex((part) => typesIn(part).some(({ shape }) => shape === 'folder'))
  if (at < 0 || at === parts.length - 1) return undefined
  const type = typesIn(parts[at] ?? '').find(({ shape }) => shape === 'folder')
  return type && folder(type, [...parts.slice(at + 1, -1), base])
}

function folder({ directory }: MetadataType, names: readonly string[]): Place {
  const held = typesIn(directory).find(({ inFolders }) => inFolders)
  const name = names.join('/')
  return { to: `${directory}/${name}${metaEnding}`, member: held && { type: held.name, name } }
}

function typeOf(suffix: string, parts: readonly string[]): MetadataType | undefined {
  const types = typesWith(suffix).filter(({ strict, shape }) => !strict && shape !== 'territory')
  return types.find(({ directory }) => parts.includes(directory)) ?? types[0]
}

interface Named {
  readonly type: MetadataType
  readonly base: string
  readonly isMeta: boolean
}

function placeBySuffix({ type, base, isMeta }: Named, parts: readonly string[], beside: Beside) {
  const { name, directory, suffix, shape, inFolders } = type
  const path = parts.join('/')
  const at = parts.lastIndexOf(directory)
  if (shape === 'folder') return isMeta && at >= 0 ? folder(type, [...parts.slice(at + 1, -1), base]) : undefined
  const isContent = shape === 'content'
  if (isContent && !isPaired(parts, isMeta, beside)) {
    const isCode = ['ApexClass', 'ApexTrigger'].includes(name)
    const missing = isMeta ? `${base}.${suffix}` : `${base}.${suffix}${metaEnding}`
    return isMeta || isCode ? { complaint: `${path}: there is no ${missing} beside it` } : undefined
  }
  // A file without the ending is metadata only where a package would have it.
  if (!isMeta && !isContent && (at < 0 || (at !== parts.length - 2 && !inFolders))) return undefined
  if (inFolders && at < 0) return { complaint: `${path}: a ${name} lies in a folder, below a directory ${directory}` }
  if (name === 'CustomLabels') return labels(type, isMeta)
  const full = inFolders ? [...parts.slice(at + 1, -1), base].join('/') : base
  const ending = isContent && isMeta ? metaEnding : ''
  return { to: `${directory}/${full}.${suffix}${ending}`, member: { type: name, name: full } }
}

/** All that a project has become one file, which has one name in an org. */
function labels({ name, directory, suffix }: MetadataType, isMeta: boolean): Place {
  const place = { to: `${directory}/CustomLabels.${suffix}`, member: { type: name, name: 'CustomLabels' } }
  return isMeta ? { ...place, part: 'labels' } : place
}

function isPaired(parts: readonly string[], isMeta: boolean, beside: Beside): boolean {
  const file = parts.at(-1) ?? ''
  const other = isMeta ? file.slice(0, -metaEnding.length) : `${file}${metaEnding}`
  return beside(parts.join('/')).has(other)
}
