import { type Files, textOf } from './archive.ts'
import { type MetadataType, parentOf, typeNamed, typeOfDirectory } from './types.ts'

/** One component with its files as they lie in a package: `classes/A.cls` and `classes/A.cls-meta.xml`. */
export interface ComponentFiles {
  readonly type: string
  readonly fullName: string
  readonly files: Files
}

/** The components that the files of a package make up; files that belong to none (package.xml) are left out. */
export function componentsOf(files: Files): ComponentFiles[] {
  const found = new Map<string, { type: string; fullName: string; files: Map<string, Uint8Array> }>()
  for (const [path, bytes] of files) {
    const name = nameOf(path)
    if (!name) continue
    const key = keyOf(name.type, name.fullName)
    const component = found.get(key) ?? { ...name, files: new Map() }
    component.files.set(path, bytes)
    found.set(key, component)
  }
  return [...found.values()]
}

export function keyOf(type: string, fullName: string): string {
  return `${type}:${fullName}`
}

/** Whose file it is: `classes/A.cls-meta.xml` is the ApexClass A. Null for package.xml and unknown folders. */
export function nameOf(path: string): { type: string; fullName: string } | null {
  const [directory = '', ...rest] = path.split('/')
  const type = typeOfDirectory(directory)
  if (!type || rest.length === 0) return null
  return { type: type.xmlName, fullName: fullNameOf(type, rest) }
}

function fullNameOf(type: MetadataType, rest: readonly string[]): string {
  if (type.isBundle) return rest[0] ?? ''
  const name = rest.join('/').replace(/-meta\.xml$/, '')
  return type.suffix && name.endsWith(`.${type.suffix}`) ? name.slice(0, -type.suffix.length - 1) : name
}

/** The path that Salesforce reports for a component: its source and not its `-meta.xml`. */
export function mainPathOf({ type, fullName, files }: ComponentFiles): string {
  if (typeNamed(type)?.isBundle) return `${typeNamed(type)?.directoryName}/${fullName}`
  const paths = [...files.keys()]
  return paths.find((path) => !path.endsWith('-meta.xml')) ?? paths[0] ?? ''
}

/** One child in its parent's file: the text of its element, byte for byte. */
export interface Child {
  readonly type: string
  readonly fullName: string
  readonly text: string
}

/** The children in the file of a component: the fields, validation rules … of an object. */
export function childrenOf(component: ComponentFiles): Child[] {
  const children = typeNamed(component.type)?.children
  if (!children) return []
  const xml = textOf(component.files.values().next().value ?? new Uint8Array())
  const owner = component.type === 'CustomLabels' ? '' : `${component.fullName}.`
  return Object.entries(children).flatMap(([element, type]) =>
    elementsIn(xml, element).map((text) => ({ type, fullName: `${owner}${ownNameIn(text)}`, text })),
  )
}

/** The top-level elements of that name. Children of children (`<fields>` in a `<fieldSets>`) stand deeper. */
function elementsIn(xml: string, element: string): string[] {
  const [, body = ''] = /<[A-Z]\w*\b[^>]*>([\s\S]*)<\/[A-Z]\w*>\s*$/.exec(xml) ?? []
  return topLevel(body).filter((text) => new RegExp(`^<${element}[\\s>]`).test(text))
}

function topLevel(body: string): string[] {
  const elements: string[] = []
  const opening = /<([A-Za-z]\w*)\b[^>]*?(\/)?>/y
  let at = body.indexOf('<')
  while (at >= 0) {
    opening.lastIndex = at
    const match = opening.exec(body)
    const end = match?.[1] ? (match[2] ? opening.lastIndex : endOf(body, match[1], opening.lastIndex)) : at + 1
    if (match) elements.push(body.slice(at, end))
    at = body.indexOf('<', end)
  }
  return elements
}

/** After the closing tag that belongs to an opening one, however often the name stands within. */
function endOf(body: string, name: string, from: number): number {
  const tags = new RegExp(`<(/?)${name}(?=[\\s/>])[^>]*?(/?)>`, 'g')
  tags.lastIndex = from
  let depth = 1
  for (let tag = tags.exec(body); tag; tag = tags.exec(body)) {
    if (tag[1]) depth -= 1
    else if (!tag[2]) depth += 1
    if (depth === 0) return tags.lastIndex
  }
  return body.length
}

function ownNameIn(text: string): string {
  return /<fullName>([^<]*)<\/fullName>/.exec(text)?.[1] ?? ''
}

/** The file of an object with these of its children alone, as a retrieve of single fields gives it. */
export function withOnly(component: ComponentFiles, children: readonly Child[]): ComponentFiles {
  const texts = children.map(({ text }) => `    ${text}\n`).join('')
  const xml = `<?xml version="1.0" encoding="UTF-8"?>\n<${component.type} xmlns="http://soap.sforce.com/2006/04/metadata">\n${texts}</${component.type}>\n`
  return { ...component, files: new Map([[mainPathOf(component), Buffer.from(xml)]]) }
}

/** The stored file with these children put in or replaced: a deployment of single fields leaves the others alone. */
export function merged(stored: ComponentFiles, children: readonly Child[]): ComponentFiles {
  const path = mainPathOf(stored)
  const before = childrenOf(stored)
  const xml = children.reduce(
    (text, child) => {
      const old = before.find(({ type, fullName }) => type === child.type && fullName === child.fullName)
      return old ? text.replace(old.text, () => child.text) : inserted(text, child.text)
    },
    textOf(stored.files.get(path) ?? new Uint8Array()),
  )
  return { ...stored, files: new Map([[path, Buffer.from(xml)]]) }
}

/** The stored file without this child. */
export function without(stored: ComponentFiles, child: Child): ComponentFiles {
  const path = mainPathOf(stored)
  const xml = textOf(stored.files.get(path) ?? new Uint8Array()).replace(child.text, '')
  return { ...stored, files: new Map([[path, Buffer.from(xml)]]) }
}

function inserted(xml: string, element: string): string {
  const at = xml.lastIndexOf('</')
  return `${xml.slice(0, at)}    ${element}\n${xml.slice(at)}`
}

/** The parent that a child's full name tells of: `Account.Rating__c` lives in `Account`. */
export function ownerOf(childType: string, fullName: string): { type: string; fullName: string } | null {
  const place = parentOf(childType)
  if (!place) return null
  const owner = place.parent.xmlName === 'CustomLabels' ? 'CustomLabels' : (fullName.split('.')[0] ?? '')
  return { type: place.parent.xmlName, fullName: owner }
}
