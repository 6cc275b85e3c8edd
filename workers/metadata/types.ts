/** What is known of each type of metadata: where its files lie in a package, and what they look like in a project. */
import { table } from './table.ts'

/**
 * How a component looks in a project in source format:
 * - `plain`: one file, `X.suffix-meta.xml`; in a package `X.suffix`
 * - `content`: `X.suffix` and `X.suffix-meta.xml`, the same in a package
 * - `bundle`: a directory with whatever is in it, the same in a package
 * - `decomposed`: a directory with a file for each part; in a package one file with all of them
 * - `resource`, `document`, `experience`, `site`, `territory`: each in a way of its own
 * - `folder`: `X.suffix-meta.xml`, in a package `X-meta.xml`; named as what it holds
 */
export type Shape =
  | 'plain'
  | 'content'
  | 'bundle'
  | 'decomposed'
  | 'resource'
  | 'document'
  | 'experience'
  | 'site'
  | 'territory'
  | 'folder'

export interface MetadataType {
  readonly name: string
  /** In a package; in a project only where it is strict. */
  readonly directory: string
  /** Undefined where files have none of their own. */
  readonly suffix: string | undefined
  readonly shape: Shape
  /** Its components have names such as `Folder/Name`. */
  readonly inFolders: boolean
  /** Its files are known by the directory that they lie in, because their suffix says too little. */
  readonly strict: boolean
}

export const metadataTypes: readonly MetadataType[] = table.trim().split('\n').map(typeOf)

function typeOf(row: string): MetadataType {
  const [name = '', directory = '', suffix = '-', shape, ...flags] = row.split(' ')
  return {
    name,
    directory,
    suffix: suffix === '-' ? undefined : suffix,
    shape: shape as Shape,
    inFolders: flags.includes('in-folders'),
    strict: flags.includes('strict'),
  }
}

const byName = new Map(metadataTypes.map((type) => [type.name, type]))
const byDirectory = Map.groupBy(metadataTypes, ({ directory }) => directory)
const bySuffix = Map.groupBy(
  metadataTypes.filter(({ suffix }) => suffix !== undefined),
  ({ suffix }) => suffix,
)

export function typeNamed(name: string): MetadataType | undefined {
  return byName.get(name)
}

/** The types whose files lie in this directory of a package. */
export function typesIn(directory: string): readonly MetadataType[] {
  return byDirectory.get(directory) ?? []
}

/** The types of files with this suffix, without a dot. */
export function typesWith(suffix: string): readonly MetadataType[] {
  return bySuffix.get(suffix) ?? []
}

/** Where the parts of a decomposed component go: by the suffix of their files, the element and the type. */
export const partsOf: Readonly<Record<string, Readonly<Record<string, Part>>>> = {
  CustomObject: {
    businessProcess: { element: 'businessProcesses', type: 'BusinessProcess' },
    compactLayout: { element: 'compactLayouts', type: 'CompactLayout' },
    field: { element: 'fields', type: 'CustomField' },
    fieldSet: { element: 'fieldSets', type: 'FieldSet' },
    index: { element: 'indexes', type: 'Index' },
    indexe: { element: 'indexes', type: 'Index' },
    listView: { element: 'listViews', type: 'ListView' },
    recordType: { element: 'recordTypes', type: 'RecordType' },
    sharingReason: { element: 'sharingReasons', type: 'SharingReason' },
    validationRule: { element: 'validationRules', type: 'ValidationRule' },
    webLink: { element: 'webLinks', type: 'WebLink' },
  },
  CustomObjectTranslation: { fieldTranslation: { element: 'fields', type: undefined } },
  Bot: { botVersion: { element: 'botVersions', type: 'BotVersion' } },
}

export interface Part {
  readonly element: string
  /** Undefined where a manifest cannot name it. */
  readonly type: string | undefined
}
