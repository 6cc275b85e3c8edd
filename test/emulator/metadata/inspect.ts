import { XMLValidator } from 'fast-xml-parser'
import { type ApexSource, compileProblem } from './apex.ts'
import { type Files, textOf } from './archive.ts'
import { type Child, type ComponentFiles, childrenOf, componentsOf, mainPathOf } from './components.ts'
import { type Manifest, readManifest } from './manifest.ts'
import type { DeployOptions } from './options.ts'
import type { Problem, Rules } from './rules.ts'
import type { MetadataStore, Named } from './store.ts'
import { parentOf } from './types.ts'

/** One line of a deployment's result, in Salesforce's words. */
export interface DeployMessage {
  readonly changed: boolean
  readonly columnNumber?: number | undefined
  readonly componentType: string
  readonly created: boolean
  readonly deleted: boolean
  readonly fileName: string
  readonly fullName: string
  readonly lineNumber?: number | undefined
  readonly problem?: string | undefined
  readonly problemType?: 'Error' | 'Warning' | undefined
  readonly success: boolean
}

/** What a deployment would do with one component. */
export interface Finding {
  readonly message: DeployMessage
  /** Null where nothing is to be done: the line of a child, a problem of the package itself. */
  readonly apply: ((store: MetadataStore) => void) | null
}

interface Inspection {
  readonly files: Files
  /** What package.xml names, `*` too. */
  readonly named: readonly Named[]
  /** The same as `ApexClass:A`. */
  readonly keys: ReadonlySet<string>
  readonly components: readonly ComponentFiles[]
  readonly options: DeployOptions
  readonly store: MetadataStore
  readonly rules: Rules
}

export function inspect(all: Files, options: DeployOptions, store: MetadataStore, rules: Rules): Finding[] {
  const files = rooted(all, options)
  const manifest = files.get('package.xml')
  if (!manifest) return [packageProblem('No package.xml found')]
  const flaw = xmlProblem(textOf(manifest))
  if (flaw) return [packageProblem(`Error parsing file: ${flaw.problem}`, flaw)]
  const named = namesIn(readManifest(textOf(manifest)))
  const inspection = {
    files,
    named,
    keys: new Set(named.map(keyOf)),
    components: componentsOf(files),
    options,
    store,
    rules,
  }
  return [
    ...missing(inspection),
    ...deletions(inspection),
    ...inspection.components.flatMap((one) => deployed(one, inspection)),
  ]
}

/** The Apex classes as they are once these files are deployed. */
export function classesAfter(all: Files, options: DeployOptions, store: MetadataStore): ApexSource[] {
  const stored = store.list('ApexClass').map(({ component }) => component)
  const coming = componentsOf(rooted(all, options)).filter(({ type }) => type === 'ApexClass')
  const names = new Set(coming.map(({ fullName }) => fullName))
  return [...stored.filter(({ fullName }) => !names.has(fullName)), ...coming].map((component) => ({
    id: store.get('ApexClass', component.fullName)?.id ?? '01p000000000000AAA',
    name: component.fullName,
    body: textOf(component.files.get(mainPathOf(component)) ?? new Uint8Array()),
  }))
}

/** Packages that are not single lie in a folder each; here there is one. */
function rooted(all: Files, { singlePackage }: DeployOptions): Files {
  if (singlePackage || all.has('package.xml')) return all
  const root = [...all.keys()].find((path) => /^[^/]+\/package\.xml$/.test(path))?.replace('package.xml', '') ?? ''
  return new Map([...all].map(([path, bytes]) => [path.startsWith(root) ? path.slice(root.length) : path, bytes]))
}

function missing({ named, components, options, store }: Inspection): Finding[] {
  if (options.allowMissingFiles || options.autoUpdatePackage) return []
  const present = new Set(components.flatMap((one) => [one, ...childrenOf(one)]).map(keyOf))
  return named
    .filter((name) => name.fullName !== '*' && !present.has(keyOf(name)) && !isStandardObject(name, store))
    .map(({ type, fullName }) =>
      packageProblem(
        `An object '${fullName}' of type ${type} was named in package.xml, but was not found in zipped directory`,
      ),
    )
}

/** A standard object is there although nobody deployed it. */
function isStandardObject({ type, fullName }: Named, store: MetadataStore): boolean {
  return type === 'CustomObject' && !fullName.includes('__') && store.has({ type, fullName })
}

function deletions({ files, store, rules }: Inspection): Finding[] {
  const lists = ['destructiveChangesPre.xml', 'destructiveChanges.xml', 'destructiveChangesPost.xml']
  return lists.flatMap((fileName) => {
    const list = files.get(fileName)
    return list ? namesIn(readManifest(textOf(list))).map((name) => deletion(name, fileName, store, rules)) : []
  })
}

function deletion(name: Named, fileName: string, store: MetadataStore, rules: Rules): Finding {
  const isThere = store.has(name)
  const absent: Problem = { problem: `No ${name.type} named: ${name.fullName} found`, problemType: 'Warning' }
  const problem = rules.problemOf(name.fullName, []) ?? (isThere ? null : absent)
  const message = { ...messageOf(name, fileName, problem), changed: isThere, deleted: isThere && problem === null }
  return { message, apply: isThere ? (target) => void target.remove(name) : null }
}

function deployed(component: ComponentFiles, inspection: Inspection): Finding[] {
  const { keys, store, rules } = inspection
  const fileName = mainPathOf(component)
  const children = childrenOf(component)
  const isNamed = isNamedIn(keys, component)
  const namedChildren = isNamed ? children : children.filter((child) => isNamedIn(keys, child))
  if (!isNamed && namedChildren.length === 0) {
    return [{ message: messageOf(component, fileName, { problem: 'Not in package.xml' }), apply: null }]
  }
  const before = store.get(component.type, component.fullName)
  const flaw = flawOf(component, rules)
  const message = {
    ...messageOf(component, fileName, flaw),
    created: !before,
    changed: isChange(component, before?.files),
  }
  const apply = isNamed
    ? (target: MetadataStore) => void target.put(component)
    : (target: MetadataStore) => void target.putChildren(component, namedChildren)
  const own = { message: isNamed ? message : { ...message, created: false }, apply }
  const old = new Map((before ? childrenOf(before) : []).map((child) => [keyOf(child), child.text]))
  return [own, ...namedChildren.map((child) => childFinding(child, fileName, old.get(keyOf(child)), rules))]
}

function childFinding(child: Child, fileName: string, before: string | undefined, rules: Rules): Finding {
  const message = messageOf(child, fileName, rules.problemOf(child.fullName, []))
  return {
    message: { ...message, created: before === undefined, changed: before !== child.text },
    apply: null,
  }
}

function flawOf({ type, fullName, files }: ComponentFiles, rules: Rules): Problem | null {
  const texts = [...files].map(([path, bytes]) => ({ path, text: isText(path) ? textOf(bytes) : '' }))
  const ruled = rules.problemOf(
    fullName,
    texts.map(({ text }) => text),
  )
  if (ruled) return ruled
  for (const { path, text } of texts) {
    const isApex = (type === 'ApexClass' || type === 'ApexTrigger') && !path.endsWith('.xml')
    const flaw = isApex ? compileProblem(text) : isXml(path) ? xmlProblem(text) : null
    if (flaw) return flaw
  }
  return null
}

function isText(path: string): boolean {
  return !/\.(?:resource|png|gif|jpe?g|zip|crt)$/.test(path)
}

/** Files of these folders are XML without saying so in their names. */
function isXml(path: string): boolean {
  if (path.endsWith('-meta.xml')) return true
  return !/^(?:classes|triggers|pages|components|staticresources|aura|lwc|documents|email)\//.test(path)
}

function xmlProblem(text: string): Problem | null {
  const verdict = XMLValidator.validate(text)
  if (verdict === true) return null
  return { problem: verdict.err.msg, lineNumber: verdict.err.line, columnNumber: verdict.err.col }
}

function messageOf({ type, fullName }: Named, fileName: string, flaw: Problem | null): DeployMessage {
  return {
    changed: false,
    columnNumber: flaw?.columnNumber,
    componentType: type,
    created: false,
    deleted: false,
    fileName,
    fullName,
    lineNumber: flaw?.lineNumber,
    problem: flaw?.problem,
    problemType: flaw ? (flaw.problemType ?? 'Error') : undefined,
    success: flaw === null || flaw.problemType === 'Warning',
  }
}

function packageProblem(problem: string, place: Partial<Problem> = {}): Finding {
  return {
    message: messageOf({ type: '', fullName: 'package.xml' }, 'package.xml', { ...place, problem }),
    apply: null,
  }
}

function isChange({ files }: ComponentFiles, before: Files | undefined): boolean {
  return [...files].some(([path, bytes]) => Buffer.compare(bytes, before?.get(path) ?? new Uint8Array()) !== 0)
}

/** Whether package.xml names it, by a member of its own or by `*`. */
function isNamedIn(keys: ReadonlySet<string>, one: Named): boolean {
  return keys.has(keyOf(one)) || (keys.has(`${one.type}:*`) && !parentOf(one.type))
}

function namesIn({ types }: Manifest): Named[] {
  return types.flatMap(({ name, members }) => members.map((fullName) => ({ type: name, fullName })))
}

function keyOf({ type, fullName }: Named): string {
  return `${type}:${fullName}`
}
