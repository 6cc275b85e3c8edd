import { fits } from '../../system/fits.ts'
import type { Pool } from '../../task/task.ts'

/** What whoever has a token with such claims may do. */
export interface Rule {
  readonly claims: Readonly<Record<string, string | readonly string[]>>
  readonly tenant: string
  readonly pools?: readonly Pool[]
  readonly kinds?: readonly string[]
}

export type Claims = Readonly<Record<string, unknown>>

/** The first rule of which every claim fits. */
export function ruleFor(rules: readonly Rule[], claims: Claims): Rule | undefined {
  return rules.find((rule) => Object.entries(rule.claims).every(([name, wanted]) => hasClaim(claims, name, wanted)))
}

function hasClaim(claims: Claims, name: string, wanted: string | readonly string[]): boolean {
  const said = Object.hasOwn(claims, name) ? textsOf(claims[name]) : []
  return [wanted].flat().some((pattern) => said.some((text) => fits(pattern, text)))
}

/** What a claim says, as patterns are compared with it; one that is a list says each of its members. */
function textsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap((member) => (typeof member === 'object' ? [] : textsOf(member)))
  return ['string', 'number', 'boolean'].includes(typeof value) ? [String(value)] : []
}
