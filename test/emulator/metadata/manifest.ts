import { parseXml, recordIn, recordsIn, textIn, textsIn, type XmlRecord } from './xml.ts'

/** What a package.xml, a destructiveChanges.xml or the `unpackaged` of a retrieve names. */
export interface Manifest {
  readonly version: string | null
  readonly types: readonly { readonly name: string; readonly members: readonly string[] }[]
}

export function readManifest(xml: string): Manifest {
  return manifestOf(recordIn(parseXml(xml), 'Package'))
}

export function manifestOf(record: XmlRecord): Manifest {
  const types = recordsIn(record, 'types').map((type) => ({
    name: textIn(type, 'name') ?? '',
    members: textsIn(type, 'members'),
  }))
  return { version: textIn(record, 'version') ?? null, types }
}

export function writeManifest({ version, types }: Manifest): string {
  const lines = types.flatMap(({ name, members }) => [
    '    <types>',
    ...members.map((member) => `        <members>${escaped(member)}</members>`),
    `        <name>${name}</name>`,
    '    </types>',
  ])
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<Package xmlns="http://soap.sforce.com/2006/04/metadata">',
    ...lines,
    `    <version>${version ?? '62.0'}</version>`,
    '</Package>',
    '',
  ].join('\n')
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
