import type { Finding } from '../../lint/report.ts'
import { sentenceOf } from '../../lint/rule.ts'
import { type MetadataRule, metadataRules } from '../rules.ts'

export interface At {
  readonly file: string
  readonly line?: number
  readonly column?: number
}

/** A finding at a place: the beginning of a file where nothing more is known. */
export function found(rule: MetadataRule, { file, line = 1, column = 1 }: At, what: string): Finding {
  const facts = metadataRules[rule]
  return { file, line, column, rule, severity: facts.severity, message: sentenceOf(facts, what) }
}
