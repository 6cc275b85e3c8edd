import { fits } from '../system/fits.ts'

/** By tenant, and for all under `*`: patterns of references, with `*` for any characters and `{tenant}` for its name. */
export type Allowed = Readonly<Record<string, readonly string[]>>

/** Whether a tenant may use the secret of a whole reference. What is listed for all counts for each. */
export function mayUse(allowed: Allowed, tenant: string, reference: string): boolean {
  const own = Object.hasOwn(allowed, tenant) ? (allowed[tenant] ?? []) : []
  return [...(allowed['*'] ?? []), ...own].some((pattern) => fits(pattern.replaceAll('{tenant}', tenant), reference))
}
