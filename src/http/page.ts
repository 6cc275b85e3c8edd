import { defaultPageItems } from '../contract/query.ts'

export interface Page<Seen> {
  readonly items: Seen[]
  readonly nextCursor: string | null
}

/** What was found of a list, as clients see it; the next page, where there is more, begins after the last of it. */
export function toPage<T, Seen>(
  found: readonly T[],
  more: boolean,
  keyOf: (one: T) => string,
  toSeen: (one: T) => Seen,
): Page<Seen> {
  const last = found.at(-1)
  return { items: found.map(toSeen), nextCursor: more && last !== undefined ? keyOf(last) : null }
}

/** A page of a list that is in memory: what comes after the cursor, in the list's order. */
export function pageOf<T, Seen>(
  all: readonly T[],
  keyOf: (one: T) => string,
  { limit = defaultPageItems, cursor }: { readonly limit?: number | undefined; readonly cursor?: string | undefined },
  toSeen: (one: T) => Seen,
): Page<Seen> {
  const rest = cursor === undefined ? all : all.filter((one) => keyOf(one) > cursor)
  return toPage(rest.slice(0, limit), rest.length > limit, keyOf, toSeen)
}
