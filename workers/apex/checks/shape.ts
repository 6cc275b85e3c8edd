import {
  type ApexParserRuleContext,
  ForStatementContext,
  StatementContext,
  TriggerUnitContext,
  WhileStatementContext,
} from '@apexdevtools/apex-parser'
import { callOf } from '../calls.ts'
import type { Check, Report } from '../check.ts'
import { isQuery, isWrite } from './limits.ts'

const mostClassLines = 1_000
/** Enough to ask which event it is and to call the handler of each. */
const mostTriggerStatements = 20

/** Classes that are too long, and triggers that are more than a call of their handler. */
export function shape(report: Report): Check {
  let trigger: TriggerUnitContext | undefined
  let statements = 0
  let works = false
  return {
    visit(node, { type, inTest }) {
      if (node instanceof TriggerUnitContext) trigger = node
      if (type?.node === node && !type.outer && !inTest) tellLong(type.name, node)
      if (!trigger) return
      if (node instanceof StatementContext && !node.block()) statements++
      const isLoop = node instanceof ForStatementContext || node instanceof WhileStatementContext
      const call = callOf(node)
      works ||= isLoop || isQuery(node, call) || isWrite(node, call)
    },
    end() {
      if (!trigger || !(works || statements > mostTriggerStatements)) return
      report('apex/trigger-logic', trigger, `the trigger ${trigger.id(0)?.getText() ?? ''} does the work itself`)
    },
  }

  function tellLong(name: string, node: ApexParserRuleContext): void {
    const lines = (node.stop?.line ?? node.start.line) - node.start.line + 1
    if (lines > mostClassLines) report('apex/long-class', node, `${name} has ${lines} lines`)
  }
}
