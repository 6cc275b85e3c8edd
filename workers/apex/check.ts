import type { ApexParserRuleContext } from '@apexdevtools/apex-parser'
import type { ApexRule } from './rules.ts'
import type { Scope } from './scope.ts'

/** `what` is found there: the beginning of the sentence that the rule ends. */
export type Report = (rule: ApexRule, node: ApexParserRuleContext, what: string) => void

/** One family of rules over one file. */
export interface Check {
  visit(node: ApexParserRuleContext, scope: Scope): void
  /** When all was visited: for what shows at the end alone. */
  end?(): void
}

export type OpenCheck = (report: Report) => Check
