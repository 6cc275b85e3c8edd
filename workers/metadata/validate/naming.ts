import type { Finding } from '../../lint/report.ts'
import type { Inventory } from './inventory.ts'
import { found } from './report.ts'

const code = /^[A-Za-z]\w*(?<!_)$/
const component = /^[a-z](?!\w*__)\w*(?<!_)$/

/** Names that code calls. A prefix of a managed package may stand before them. */
const allowed: Readonly<Record<string, RegExp>> = {
  ApexClass: code,
  ApexTrigger: code,
  ApexPage: code,
  ApexComponent: code,
  AuraDefinitionBundle: code,
  LightningComponentBundle: component,
}

export function naming({ items }: Inventory): readonly Finding[] {
  const told = new Set<string>()
  return items.flatMap((item) => {
    const { type = '', name = '' } = item.place?.member ?? {}
    const pattern = allowed[type]
    if (!pattern || pattern.test(name) || told.has(`${type}:${name}`)) return []
    told.add(`${type}:${name}`)
    const how = pattern === component ? 'begins with a small letter, and has' : 'begins with a letter, and has'
    return [found('metadata/name', item, `the name ${name} (${type}) ${how} letters, digits and single _ alone`)]
  })
}
