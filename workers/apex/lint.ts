import type { ApexParserRuleContext } from '@apexdevtools/apex-parser'
import type { Finding } from '../lint/report.ts'
import { sentenceOf } from '../lint/rule.ts'
import { suppressionsIn } from '../lint/suppressions.ts'
import type { OpenCheck, Report } from './check.ts'
import { injection } from './checks/injection.ts'
import { leftovers } from './checks/leftovers.ts'
import { limits } from './checks/limits.ts'
import { shape } from './checks/shape.ts'
import { sharing } from './checks/sharing.ts'
import { tests } from './checks/tests.ts'
import { parseApex } from './parse.ts'
import { type ApexRule, apexRules } from './rules.ts'
import { PmdSuppressions } from './suppress-warnings.ts'
import { walk } from './walk.ts'

const checks: readonly OpenCheck[] = [limits, leftovers, injection, sharing, tests, shape]

interface Hit {
  readonly rule: ApexRule
  readonly node: ApexParserRuleContext
  readonly what: string
}

/** What is wrong in one file of Apex, in the order of its lines. Where it cannot be read, that is all that is told. */
export function lintApex(file: string, text: string): readonly Finding[] {
  const { tree, faults } = parseApex(file, text)
  if (faults.length > 0) {
    return faults.map((fault) => ({
      file,
      rule: 'syntax',
      severity: 'error' as const,
      ...fault,
      line: fault.line || 1,
    }))
  }
  const isSuppressed = suppressionsIn(text)
  const { hits, pmd } = check(tree)
  return hits
    .filter(({ rule, node }) => !pmd.covers(node.start.line, apexRules[rule].pmd))
    .map((hit) => findingOf(file, hit))
    .filter(({ line, rule }) => !isSuppressed(line, rule))
    .sort((one, other) => one.line - other.line || one.column - other.column)
}

function check(tree: ApexParserRuleContext): { hits: readonly Hit[]; pmd: PmdSuppressions } {
  const hits: Hit[] = []
  const report: Report = (rule, node, what) => hits.push({ rule, node, what })
  const open = checks.map((one) => one(report))
  const pmd = new PmdSuppressions()
  walk(tree, (node, scope) => {
    pmd.note(node, scope)
    for (const one of open) one.visit(node, scope)
  })
  for (const one of open) one.end?.()
  return { hits, pmd }
}

function findingOf(file: string, { rule, node, what }: Hit): Finding {
  const facts = apexRules[rule]
  const { line, column } = node.start
  return { file, line, column: column + 1, rule, severity: facts.severity, message: sentenceOf(facts, what) }
}
