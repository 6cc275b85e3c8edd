/** What a file of XML names. */
import { partsOf } from '../types.ts'
import { childrenNamed, type Element, textOf } from '../xml.ts'
import { fieldOf, isCustom, type Reference } from './reference.ts'
import { type How, type ReferenceRule, rulesFor } from './rules.ts'

interface Owner {
  readonly file: string
  /** `Object.Field` of a part, `Object-Layout` of a layout, … */
  readonly name: string
}

const alsoRead = ['CustomLabels', 'CustomObject', 'CustomTab', 'Flow']

/** Of other types nothing is known that they would name. */
export function isRead(type: string): boolean {
  return alsoRead.includes(type) || rulesFor(type).length > 0
}

export function referencesInXml(root: Element, owner: Owner): readonly Reference[] {
  const own = ofElement(root.name, root, owner, objectOf(root, owner.name))
  if (root.name === 'CustomObject') return [...own, ...ofParts(root, owner)]
  if (root.name === 'Flow') return [...own, ...ofFlow(root, owner)]
  if (root.name === 'CustomTab') return [...own, ...ofTab(root, owner)]
  return own
}

/** In a package, all parts of an object are in its file. */
function ofParts(root: Element, owner: Owner): readonly Reference[] {
  return Object.values(partsOf.CustomObject ?? {}).flatMap(({ element, type }) =>
    type === undefined
      ? []
      : childrenNamed(root, element).flatMap((part) => ofElement(type, part, owner, objectNamed(owner.name))),
  )
}

function ofElement(type: string, element: Element, { file }: Owner, object: string | undefined): readonly Reference[] {
  return rulesFor(type).flatMap((rule) =>
    elementsAt(element, rule.path).flatMap(({ text, line, column }) =>
      namesIn(text, rule, object).map((name) => ({ file, line, column, type: rule.target, name })),
    ),
  )
}

function elementsAt(element: Element, [step, ...rest]: readonly string[]): readonly Element[] {
  if (step === undefined) return [element]
  if (step === '**')
    return [...elementsAt(element, rest), ...element.children.flatMap((child) => elementsAt(child, ['**', ...rest]))]
  return childrenNamed(element, step).flatMap((child) => elementsAt(child, rest))
}

/** Of the object that a file is about: by its name, or by what it says. */
function objectOf(root: Element, name: string): string | undefined {
  switch (root.name) {
    case 'Layout':
    case 'CustomObjectTranslation':
      return decoded(name).split('-')[0]
    case 'QuickAction':
      return textOf(root, 'targetObject') ?? (name.includes('.') ? objectNamed(name) : undefined)
    case 'FlexiPage':
      return textOf(root, 'sobjectType')
    case 'CustomMetadata':
      return `${objectNamed(name)}__mdt`
    default:
      return objectNamed(name)
  }
}

function objectNamed(name: string): string {
  return name.split('.')[0] ?? ''
}

const readers: Readonly<Record<How, (text: string, object: string | undefined) => readonly (string | undefined)[]>> = {
  name: (text) => [decoded(text)],
  own: (text, object) => [fieldOf(object, text.replace(/^Record\./, ''))],
  qualified: (text) => {
    const [, object, field = ''] = /^(\w+)[.$](\w+)$/.exec(text) ?? []
    return [fieldOf(object, field)]
  },
  formula: (text, object) => fieldsIn(text).map((field) => fieldOf(object, field)),
  component: (text) => [/^c:(\w+)$/.exec(text)?.[1]],
}

function namesIn(text: string, { target, how }: ReferenceRule, object: string | undefined): readonly string[] {
  const names = readers[how](text, object).filter((name) => name !== undefined && name !== '') as string[]
  return names.filter((name) => isNoStandard(target, name))
}

/** What an org brings along has names of its own. */
function isNoStandard(target: string, name: string): boolean {
  if (target === 'CustomObject') return isCustom(name)
  if (target === 'CustomTab') return !name.startsWith('standard-')
  if (target === 'CustomApplication') return !name.startsWith('standard__')
  if (target === 'RecordType') return isCustom(objectNamed(name)) && name.includes('.')
  return true
}

/** Fields of the object itself; what comes behind a dot or a $ is another's. Texts and comments name nothing. */
function fieldsIn(formula: string): readonly string[] {
  const code = formula.replace(/\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'/g, ' ')
  return [...code.matchAll(/(?<![\w.$])[A-Za-z]\w*__c\b(?!\s*\.)/gi)].map(([name]) => name)
}

/** Elements that say which object they are about name fields of it further in. */
function ofFlow(root: Element, { file }: Owner): readonly Reference[] {
  const calls = childrenNamed(root, 'actionCalls')
    .filter((call) => textOf(call, 'actionType') === 'apex')
    .flatMap((call) => childrenNamed(call, 'actionName'))
    .map(({ text, line, column }) => ({ file, line, column, type: 'ApexClass', name: text }))
  const records = root.children.flatMap((element) => {
    const [object] = childrenNamed(element, 'object')
    if (!object || !isCustom(object.text)) return []
    const fields = ['**/field', '**/queriedFields', 'sortField'].flatMap((path) => elementsAt(element, path.split('/')))
    const named = fields.flatMap(({ text, line, column }) => {
      const name = fieldOf(object.text, text)
      return name === undefined ? [] : [{ file, line, column, type: 'CustomField', name }]
    })
    const { line, column } = object
    return [{ file, line, column, type: 'CustomObject', name: object.text }, ...named]
  })
  return [...calls, ...records]
}

/** One of an object has its name. */
function ofTab(root: Element, { file, name }: Owner): readonly Reference[] {
  const [isOfObject] = childrenNamed(root, 'customObject')
  if (isOfObject?.text !== 'true' || !isCustom(name)) return []
  const { line, column } = isOfObject
  return [{ file, line, column, type: 'CustomObject', name }]
}

/** Names of layouts are written as a URL would have them. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}
