/** By tenant, and for all under `*`: patterns of references, with `*` for any characters and `{tenant}` for its name. */
export type Allowed = Readonly<Record<string, readonly string[]>>

/** Whether a tenant may use the secret of a whole reference. What is listed for all counts for each. */
export function mayUse(allowed: Allowed, tenant: string, reference: string): boolean {
  const own = Object.hasOwn(allowed, tenant) ? (allowed[tenant] ?? []) : []
  return [...(allowed['*'] ?? []), ...own].some((pattern) => fits(pattern.replaceAll('{tenant}', tenant), reference))
}

/** From left to right, each piece as early as it can be: no pattern takes longer than its text is long. */
function fits(pattern: string, text: string): boolean {
  const [first = '', ...others] = pattern.split('*')
  const last = others.pop()
  if (last === undefined) return text === first
  if (!text.startsWith(first)) return false
  let at = first.length
  for (const piece of others) {
    const found = text.indexOf(piece, at)
    if (found < 0) return false
    at = found + piece.length
  }
  return text.length - last.length >= at && text.endsWith(last)
}
