/** What code names in a way that can be read without understanding it: imports, tags, controllers, objects of triggers. */
import { isCustom, type Place, type Reference } from './reference.ts'

interface Named {
  readonly type: string
  readonly name: string
}

interface CodeRule {
  readonly pattern: RegExp
  /** By what the pattern's groups caught. */
  read(...groups: string[]): readonly Named[]
}

const one = (type: string, name: string): readonly Named[] => (name === '' ? [] : [{ type, name }])

/** `@salesforce/schema/Shop__c.Size__c`: an object, and mostly a field. */
function schema(path: string): readonly Named[] {
  const [object = '', field] = path.split('.')
  if (!isCustom(object)) return []
  return [...one('CustomObject', object), ...(field?.endsWith('__c') ? one('CustomField', `${object}.${field}`) : [])]
}

/** Modules that stand behind `@salesforce/`. */
const modules: Readonly<Record<string, (path: string) => readonly Named[]>> = {
  apex: (path) => [...one('ApexClass', classOf(path)), ...one('ApexMethod', path)],
  schema,
  label: (path) => (path.startsWith('c.') ? one('CustomLabel', path.slice(2)) : []),
  resourceUrl: (path) => one('StaticResource', path),
  messageChannel: (path) => one('LightningMessageChannel', path.replace(/__c$/, '')),
  customPermission: (path) => one('CustomPermission', path),
}

const scripts: readonly CodeRule[] = [
  {
    pattern: /\b(?:from|import)\s*\(?\s*['"](?:@salesforce\/(\w+)|(c))\/([\w.]+)['"]/g,
    read: (kind, own, path = '') => (own ? one('LightningComponentBundle', path) : (modules[kind ?? '']?.(path) ?? [])),
  },
]
const templates: readonly CodeRule[] = [
  { pattern: /<c-([a-z][\w-]*)/g, read: (tag) => one('LightningComponentBundle', camelCase(tag)) },
]
const aura: readonly CodeRule[] = [
  { pattern: /<aura:(?:component|application)\b[^>]*?\scontroller="(\w+)"/g, read: (name) => one('ApexClass', name) },
  { pattern: /<c:(\w+)/g, read: (name) => one('Component', name) },
  { pattern: /\b(?:extends|type)="c:(\w+)"/g, read: (name) => one('AuraDefinitionBundle', name) },
]
const pages: readonly CodeRule[] = [
  {
    pattern: /<apex:(?:page|component)\b[^>]*?\s(?:controller|extensions)="([\w.,\s]+)"/g,
    read: (names) => names.split(',').flatMap((name) => one('ApexClass', name.trim())),
  },
  { pattern: /\bstandardController="(\w+)"/g, read: (name) => (isCustom(name) ? one('CustomObject', name) : []) },
  { pattern: /<c:(\w+)/g, read: (name) => one('ApexComponent', name) },
  { pattern: /\$Resource\.(\w+)/g, read: (name) => one('StaticResource', name) },
  { pattern: /\$Label\.(\w+)\b(?!\.)/g, read: (name) => one('CustomLabel', name) },
]
const triggers: readonly CodeRule[] = [
  { pattern: /^\s*trigger\s+\w+\s+on\s+(\w+)/gim, read: (name) => (isCustom(name) ? one('CustomObject', name) : []) },
]

/** By the type of the component and the ending of its file. */
const languages: readonly { readonly type: string; readonly file: RegExp; readonly rules: readonly CodeRule[] }[] = [
  { type: 'LightningComponentBundle', file: /\.(?:js|ts)$/, rules: scripts },
  { type: 'LightningComponentBundle', file: /\.html$/, rules: templates },
  { type: 'AuraDefinitionBundle', file: /\.(?:cmp|app|evt|intf)$/, rules: aura },
  { type: 'ApexPage', file: /\.page$/, rules: pages },
  { type: 'ApexComponent', file: /\.component$/, rules: pages },
  { type: 'ApexTrigger', file: /\.trigger$/, rules: triggers },
]

export function isCode(type: string, file: string): boolean {
  return languages.some((language) => language.type === type && language.file.test(file))
}

export function referencesInCode(type: string, file: string, source: string): readonly Reference[] {
  const rules = languages.filter((language) => language.type === type && language.file.test(file))
  const text = withoutComments(file, source)
  return rules.flatMap(({ rules: patterns }) =>
    patterns.flatMap(({ pattern, read }) =>
      [...text.matchAll(pattern)].flatMap((match) =>
        read(...match.slice(1).map((group) => group ?? '')).map((named) => ({
          ...named,
          ...placeOf(file, text, match.index),
        })),
      ),
    ),
  )
}

/** What stands around them stays where it is. */
function withoutComments(file: string, source: string): string {
  const isScript = /\.(?:js|ts|trigger)$/.test(file)
  const comments = isScript ? /\/\*[\s\S]*?\*\/|(?<![:'"\w])\/\/[^\n]*/g : /<!--[\s\S]*?-->/g
  return source.replace(comments, (comment) => comment.replace(/[^\n]/g, ' '))
}

function placeOf(file: string, text: string, index: number): Place {
  const before = text.slice(0, index).split('\n')
  return { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
}

function classOf(path: string): string {
  return path.slice(0, path.lastIndexOf('.'))
}

function camelCase(tag: string): string {
  return tag.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}
