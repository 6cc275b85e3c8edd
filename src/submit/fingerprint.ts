import { hash } from 'node:crypto'

/** Equal for requests that ask for the same, however their members are ordered; different for all others. */
export function fingerprintOf(request: unknown): string {
  return hash('sha256', JSON.stringify(request, ordered))
}

/** Objects with the same names get the same order of them; what stands in a list keeps its place. */
function ordered(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
}
