/** A page of a list that is in memory: what comes after the cursor, in the list's order. */
export function pageOf<T, Seen>(
  all: readonly T[],
  keyOf: (one: T) => string,
  { limit = 50, cursor }: { readonly limit?: number | undefined; readonly cursor?: string | undefined },
  toSeen: (one: T) => Seen,
): { readonly items: Seen[]; readonly nextCursor: string | null } {
  const rest = cursor === undefined ? all : all.filter((one) => keyOf(one) > cursor)
  const page = rest.slice(0, limit)
  const last = page.at(-1)
  return { items: page.map(toSeen), nextCursor: last && rest.length > page.length ? keyOf(last) : null }
}
