/** Members whose values are data, whatever they look like. */
const data: ReadonlySet<string> = new Set(['const', 'enum', 'default', 'examples'])

/** The first reference of a JSON schema that leads out of it; nothing is ever fetched. */
export function outsideReference(schema: object): string | undefined {
  const ids = new Set<unknown>()
  const references: string[] = []
  // Level by level, because depth must not cost stack.
  for (let level: object[] = [schema]; level.length > 0; ) {
    const below: object[] = []
    for (const one of level) {
      for (const [name, value] of Object.entries(one)) {
        if (name === '$id') ids.add(value)
        const isReference = name === '$ref' || name === '$dynamicRef'
        if (isReference && typeof value === 'string') references.push(value)
        if (typeof value === 'object' && value !== null && !data.has(name)) below.push(value)
      }
    }
    level = below
  }
  return references.find((reference) => !reference.startsWith('#') && !ids.has(reference))
}
