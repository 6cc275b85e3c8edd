/**
 * What comments in a file take out of its findings: `mayfly-ignore` on the line of a finding or alone on the line above,
 * `mayfly-ignore-file` anywhere, each for all rules or for those that it names, and what is written for PMD: `NOPMD` on
 * the line of a finding.
 */
interface Suppression {
  /** Undefined: the whole file. */
  readonly line: number | undefined
  /** None: all rules. */
  readonly rules: readonly string[]
}

const comment = /(?:\/\/|\/\*|<!--|^\s*\*)(.*)$/
const ignore = /\bmayfly-ignore(-file)?\b:?\s*([^*]*?)(?:--|\*\/|$)/
const ruleName = /[a-z@][\w@/-]*/g

export type IsSuppressed = (line: number, rule: string) => boolean

export function suppressionsIn(text: string): IsSuppressed {
  if (!/mayfly-ignore|NOPMD/.test(text)) return () => false
  const suppressions = text.split('\n').flatMap((line, index) => suppressionsOf(line, index + 1))
  return (line, rule) =>
    suppressions.some((one) => (one.line ?? line) === line && (one.rules.length === 0 || one.rules.includes(rule)))
}

function suppressionsOf(text: string, line: number): Suppression[] {
  const [, said] = comment.exec(text) ?? []
  if (said === undefined) return []
  if (/\bNOPMD\b/.test(said)) return [{ line, rules: [] }]
  const [, file, names = ''] = ignore.exec(said) ?? [undefined, undefined, undefined]
  if (!said.includes('mayfly-ignore')) return []
  const rules = names.match(ruleName) ?? []
  if (file) return [{ line: undefined, rules }]
  const isAlone = /^\s*(\/\/|\/\*|<!--)/.test(text)
  return [{ line, rules }, ...(isAlone ? [{ line: line + 1, rules }] : [])]
}
