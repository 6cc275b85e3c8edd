/**
 * Puts decomposed metadata together again: the text of each part goes, as it is, into the one file that a package has.
 * Elements of one name stay together, which Salesforce insists on.
 */
import { FatalError } from '../../errors/steering.ts'

export interface PartFile {
  readonly file: string
  readonly text: string
}

export interface ChildFile extends PartFile {
  readonly element: string
}

/** From this line of the whole on, counted from 1, lines are those of a file. */
export type Segment = readonly [line: number, file: string, lineThere: number]

export interface Recomposed {
  readonly text: string
  readonly segments: readonly Segment[]
}

interface Element {
  readonly name: string
  readonly text: string
  readonly file: string
  readonly line: number
}

const declaration = '<?xml version="1.0" encoding="UTF-8"?>'
const namespace = 'http://soap.sforce.com/2006/04/metadata'

/** `roots` have elements of the whole; each of `children` becomes one. `name` is that of the whole. */
export function recompose(
  name: string,
  roots: readonly PartFile[],
  children: readonly ChildFile[],
): Recomposed & { readonly isEmptyRoot: boolean } {
  const own = roots.flatMap(elementsOf)
  const elements = grouped([...own, ...[...children].sort(byElement).map(asElement)])
  const lines: string[] = [declaration, `<${name} xmlns="${namespace}">`]
  const segments: Segment[] = []
  for (const { text, file, line } of elements) {
    segments.push([lines.length + 1, file, line])
    lines.push(...`    ${text}`.split('\n'))
  }
  return { text: `${[...lines, `</${name}>`].join('\n')}\n`, segments, isEmptyRoot: own.length === 0 }
}

function byElement(one: ChildFile, other: ChildFile): number {
  const order = one.element === other.element ? [one.file, other.file] : [one.element, other.element]
  return (order[0] ?? '') < (order[1] ?? '') ? -1 : 1
}

/** In the order in which each name comes first. */
function grouped(elements: readonly Element[]): readonly Element[] {
  return [...Map.groupBy(elements, ({ name }) => name).values()].flat()
}

function asElement({ file, text, element }: ChildFile): Element {
  const { inner, line, attributes } = rootOf(file, text)
  const whole = `<${element}${attributes}>${inner}</${element}>`
  return { name: element, text: whole, file, line }
}

/** The elements right below the root, each as it is written. */
function elementsOf({ file, text }: PartFile): readonly Element[] {
  const { inner, line } = rootOf(file, text)
  const found: Element[] = []
  let depth = 0
  let start = { at: 0, name: '' }
  for (const { tag, at } of tagsIn(inner)) {
    if (depth === 0) start = { at, name: nameOf(tag) }
    depth += stepOf(tag)
    if (depth < 0) throw malformed(file)
    if (depth === 0) {
      const before = inner.slice(0, start.at).split('\n').length - 1
      found.push({ name: start.name, text: inner.slice(start.at, at + tag.length), file, line: line + before })
    }
  }
  if (depth !== 0) throw malformed(file)
  return found
}

interface Root {
  readonly inner: string
  /** Of the first character inside, from 1. */
  readonly line: number
  /** Without that of the namespace, which the whole has. */
  readonly attributes: string
}

function rootOf(file: string, xml: string): Root {
  const text = xml.replace(/\r\n?/g, '\n')
  const [open] = tagsIn(text)
  if (!open) throw malformed(file)
  const after = open.at + open.tag.length
  const attributes = open.tag.slice(1 + nameOf(open.tag).length).replace(/\/?>$/, '')
  const kept = attributes.replace(/\sxmlns=("[^"]*"|'[^']*')/, '').trimEnd()
  const line = text.slice(0, after).split('\n').length
  if (open.tag.endsWith('/>')) return { inner: '', line, attributes: kept }
  const close = text.lastIndexOf(`</${nameOf(open.tag)}`)
  if (close < after) throw malformed(file)
  return { inner: text.slice(after, close), line, attributes: kept }
}

/** Tags of elements, with what is no element left out. */
function* tagsIn(text: string): Generator<{ tag: string; at: number }> {
  const pieces = /<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<\?[\s\S]*?\?>|<!(?:[^>])*>|<(?:[^>"']|"[^"]*"|'[^']*')+>/g
  for (const { 0: tag, index: at } of text.matchAll(pieces)) if (!/^<[!?]/.test(tag)) yield { tag, at }
}

function nameOf(tag: string): string {
  return /^<\/?([^\s/>]+)/.exec(tag)?.[1] ?? ''
}

function stepOf(tag: string): -1 | 0 | 1 {
  if (tag.endsWith('/>')) return 0
  return tag.startsWith('</') ? -1 : 1
}

function malformed(file: string): Error {
  return new FatalError(`${file} is not well-formed XML: correct it before it is deployed`)
}
