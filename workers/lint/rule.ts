/** What is known of a rule, for persons: everything but how it is checked. */
export interface RuleFacts {
  readonly severity: 'error' | 'warning'
  readonly title: string
  readonly why: string
  /** What to do about it. */
  readonly remedy: string
  /** Names under which PMD knows the same fault. */
  readonly pmd?: readonly string[]
}

/** One sentence each: what is wrong, why that matters, what to do. */
export function sentenceOf({ why, remedy }: RuleFacts, what: string): string {
  return `${what}: ${why}; ${remedy}`
}
