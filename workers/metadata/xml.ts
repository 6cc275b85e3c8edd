import { SaxesParser } from 'saxes'

export interface Element {
  readonly name: string
  /** From 1, of the `<`. */
  readonly line: number
  readonly column: number
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly Element[]
  /** All text directly in it, trimmed. */
  readonly text: string
}

export interface XmlFault {
  readonly line: number
  readonly column: number
  readonly message: string
}

interface Open {
  readonly name: string
  readonly line: number
  readonly column: number
  readonly attributes: Record<string, string>
  readonly children: Element[]
  text: string
}

const deepest = 200

/**
 * The elements of a file of XML, or the first place where it is none. External entities and those of a document type
 * are not known here: nothing is fetched, and nothing grows.
 */
export function readXml(text: string): { root: Element | undefined; fault: XmlFault | undefined } {
  const parser = new SaxesParser()
  const open: Open[] = []
  let root: Element | undefined
  let fault: XmlFault | undefined
  let startedAt = { line: 1, column: 1 }
  const failAt = (message: string) => (fault ??= { line: parser.line, column: parser.column + 1, message })
  parser.on('error', ({ message }) => failAt(message.replace(/^\d+:\d+: /, '')))
  parser.on('opentagstart', ({ name }) => {
    startedAt = { line: parser.line, column: Math.max(1, parser.column - name.length - 1) }
  })
  parser.on('opentag', ({ name, attributes }) => {
    open.push({ name, ...startedAt, attributes: attributes as Record<string, string>, children: [], text: '' })
    if (open.length > deepest) failAt(`elements are nested more than ${deepest} deep`)
  })
  const addText = (more: string) => {
    const last = open.at(-1)
    if (last) last.text += more
  }
  parser.on('text', addText)
  parser.on('cdata', addText)
  parser.on('closetag', () => {
    const { text: raw = '', ...rest } = open.pop() ?? {}
    const element = { ...rest, text: raw.trim() } as Element
    const around = open.at(-1)
    if (around) around.children.push(element)
    else root ??= element
  })
  // In pieces, so that what is no XML at all is left at once.
  for (let at = 0; at < text.length && !fault; at += 65_536) parser.write(text.slice(at, at + 65_536))
  if (!fault) parser.close()
  return fault ? { root: undefined, fault: bareAmpersand(text, fault) ?? fault } : { root, fault }
}

const others = /<!\[CDATA\[[\s\S]*?\]\]>|<!--[\s\S]*?-->|&(?:#\d+|#x[\da-f]+|[\w.-]+);/gi

/** The most frequent fault by far, which a parser notices only where the next `;` does not come. */
function bareAmpersand(text: string, fault: XmlFault): XmlFault | undefined {
  const at = text.replace(others, (match) => ' '.repeat(match.length)).indexOf('&')
  if (at < 0) return undefined
  const before = text.slice(0, at).split('\n')
  if (before.length > fault.line) return undefined
  return {
    line: before.length,
    column: (before.at(-1)?.length ?? 0) + 1,
    message: 'an & that begins no entity: write &amp;',
  }
}

export function childrenNamed(element: Element, name: string): readonly Element[] {
  return element.children.filter((child) => child.name === name)
}

export function textOf(element: Element, name: string): string | undefined {
  return element.children.find((child) => child.name === name)?.text
}
