/** From what an org told to findings. */
import type { Finding, Judged } from './input.ts'
import type { Rule } from './rules.ts'
import type { Told } from './sources.ts'
import type { Thresholds } from './thresholds.ts'

/** What a source told, or why it told nothing. */
export type Answered = { readonly told: Told } | { readonly why: string }

export interface Judgement {
  readonly judged: Judged
  readonly finding: Finding | null
}

export function judge(rule: Rule, answered: Answered, thresholds: Thresholds, nowMs: number): Judgement {
  if ('why' in answered) return { judged: { rule: rule.id, outcome: 'unknown', why: answered.why }, finding: null }
  const { isGood, actual, expected, evidence } = rule.judge(answered.told, thresholds, nowMs)
  if (isGood) return { judged: { rule: rule.id, outcome: 'passed', why: null }, finding: null }
  if (actual === null) {
    const why = 'the org has never said: it was not measured there yet'
    return { judged: { rule: rule.id, outcome: 'unknown', why }, finding: null }
  }
  const shown = evidence.slice(0, 3).join('; ')
  const more = evidence.length > 3 ? ` and ${evidence.length - 3} more` : ''
  const seen = shown === '' ? '' : ` (${shown}${more})`
  const message = `${rule.id}: ${actual}, expected ${expected}${seen}. ${rule.remedy}.`
  const finding = { rule: rule.id, severity: rule.severity, actual, expected, evidence, message }
  return { judged: { rule: rule.id, outcome: 'found', why: null }, finding }
}

const ranks = ['info', 'warning', 'error'] as const

/** Those for which the task fails. */
export function failing(findings: readonly Finding[], failOn: 'error' | 'warning' | 'never'): readonly Finding[] {
  if (failOn === 'never') return []
  return findings.filter(({ severity }) => ranks.indexOf(severity) >= ranks.indexOf(failOn))
}
