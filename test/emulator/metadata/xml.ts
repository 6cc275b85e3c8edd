import { XMLParser } from 'fast-xml-parser'

/** An element with children. Every leaf is a text; an element that stands more than once is a list. */
export interface XmlRecord {
  readonly [name: string]: XmlValue | undefined
}

export type XmlValue = string | XmlRecord | readonly XmlValue[]

const parser = new XMLParser({ ignoreAttributes: true, removeNSPrefix: true, parseTagValue: false })

export function parseXml(xml: string): XmlRecord {
  return parser.parse(xml) as XmlRecord
}

/**
 * The arguments of the SOAP call `operation`. The content of a `<ZipFile>` goes by the parser, which takes seconds and a
 * gigabyte for one of 20 MB.
 */
export function argumentsOf(envelope: string, operation: string): XmlRecord {
  const from = envelope.indexOf('<ZipFile>') + '<ZipFile>'.length
  const to = envelope.indexOf('</ZipFile>')
  if (to < 0) return bodyOf(envelope, operation)
  const rest = bodyOf(envelope.slice(0, from) + envelope.slice(to), operation)
  return { ...rest, ZipFile: envelope.slice(from, to) }
}

function bodyOf(envelope: string, operation: string): XmlRecord {
  return recordIn(recordIn(recordIn(parseXml(envelope), 'Envelope'), 'Body'), operation)
}

export function recordIn(record: XmlRecord, name: string): XmlRecord {
  return recordsIn(record, name)[0] ?? {}
}

export function recordsIn(record: XmlRecord, name: string): XmlRecord[] {
  return listIn(record, name).filter((value): value is XmlRecord => typeof value === 'object')
}

export function textIn(record: XmlRecord, name: string): string | undefined {
  return textsIn(record, name)[0]
}

export function textsIn(record: XmlRecord, name: string): string[] {
  return listIn(record, name).filter((value) => typeof value === 'string')
}

function listIn(record: XmlRecord, name: string): readonly XmlValue[] {
  const value = record[name]
  if (value === undefined) return []
  return Array.isArray(value) ? (value as readonly XmlValue[]) : [value]
}
