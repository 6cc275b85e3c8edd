import type { Json } from '../task/json.ts'
import type { Kind } from './registry.ts'

/** The uploads that an input refers to, each once, by what its kind says of its members; none where it is unknown. */
export function usesOf(kind: Pick<Kind, 'uploads'> | undefined, input: Json): readonly string[] {
  if (!kind || kind.uploads.length === 0) return []
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return []
  const members = new Map(Object.entries(input))
  const ids = kind.uploads.map((name) => members.get(name))
  return [...new Set(ids.filter((id) => typeof id === 'string'))]
}
