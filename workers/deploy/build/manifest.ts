/** `package.xml`: what of a package is deployed. */
import type { Members } from './entries.ts'

export function manifestOf(members: Members, apiVersion: string): string {
  const types = [...members]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([type, names]) => typeOf(type, names))
  return `<?xml version="1.0" encoding="UTF-8"?>
<Package xmlns="http://soap.sforce.com/2006/04/metadata">
${types.join('')}    <version>${escaped(apiVersion)}</version>
</Package>
`
}

function typeOf(type: string, names: ReadonlySet<string>): string {
  const members = [...names].sort().map((name) => `        <members>${escaped(name)}</members>\n`)
  return `    <types>\n${members.join('')}        <name>${escaped(type)}</name>\n    </types>\n`
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`)
}
