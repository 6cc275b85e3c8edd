import { type ApexParserRuleContext, CatchClauseContext, LiteralContext } from '@apexdevtools/apex-parser'
import { secretIn } from '../../lint/known-secrets.ts'
import { callOf, isOn } from '../calls.ts'
import type { Check, Report } from '../check.ts'
import { looksLikeRecordId } from '../record-id.ts'

/** What was meant to be replaced, and was not. */
export function leftovers(report: Report): Check {
  return {
    visit(node, { inTest }) {
      if (node instanceof CatchClauseContext) {
        if (isEmpty(node)) report('apex/empty-catch', node, `${node.qualifiedName().getText()} is swallowed`)
      } else if (inTest) return
      else if (node instanceof LiteralContext) tellLiteral(node)
      else if (isDebug(node)) report('apex/system-debug', node, 'System.debug was left in')
    },
  }

  function isEmpty(clause: CatchClauseContext): boolean {
    const block = clause.block()
    if (!block || block.statement_list().length > 0 || !block.stop) return false
    // Comments are no part of the tree.
    return (
      block.start
        .getInputStream()
        .getText(block.start.start + 1, block.stop.start - 1)
        .trim() === ''
    )
  }

  function tellLiteral(node: LiteralContext): void {
    const literal = node.StringLiteral()?.getText().slice(1, -1)
    if (!literal) return
    if (looksLikeRecordId(literal)) report('apex/hardcoded-id', node, `the id ${literal} is written in the code`)
    const secret = secretIn(literal)
    if (secret !== undefined) report('apex/hardcoded-secret', node, `${secret} is written in the code`)
  }
}

function isDebug(node: ApexParserRuleContext): boolean {
  const call = callOf(node)
  return call?.name === 'debug' && isOn(call, 'system')
}
