/** Where in the sources something is that an org says of a package. */
import type { Origins } from '../build/entries.ts'

export interface Said {
  readonly fileName: string
  readonly fullName?: string
  readonly componentType?: string | null
  readonly lineNumber?: number | null
  readonly columnNumber?: number | null
}

export interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
}

export function placeOf(
  { fileName, fullName, componentType, lineNumber, columnNumber }: Said,
  origins: Origins,
): Place {
  const path = fileName.replace(/^(unpackaged|package)\//, '')
  const [line, column] = [counted(lineNumber), counted(columnNumber)]
  const segments = own(origins.segments, path)
  const segment = lineNumber ? segments?.findLast(([from]) => from <= line) : undefined
  if (segment) return { file: segment[1], line: segment[2] + line - segment[0], column }
  const member = own(origins.members, `${componentType}:${fullName}`)
  const exact = own(origins.files, path)
  // Of what was put together only its own file says more; a line there would be another.
  if (segments) return { file: member ?? exact ?? origins.fallback, line: 1, column: 1 }
  return { file: exact ?? inBundle(path, origins) ?? member ?? origins.fallback, line, column }
}

/** The file of an Apex class or trigger. */
export function fileOfCode(name: string, kind: 'class' | 'trigger', origins: Origins): string | undefined {
  const path = kind === 'class' ? `classes/${name}.cls` : `triggers/${name}.trigger`
  return own(origins.files, path) ?? own(origins.members, `${kind === 'class' ? 'ApexClass' : 'ApexTrigger'}:${name}`)
}

/** An org may name the directory alone. */
function inBundle(path: string, { files }: Origins): string | undefined {
  const inside = path === '' ? undefined : Object.keys(files).find((one) => one.startsWith(`${path}/`))
  return inside && files[inside]
}

function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined
}

function counted(value: number | null | undefined): number {
  return typeof value === 'number' && value >= 1 ? value : 1
}
