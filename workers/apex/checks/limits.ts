import {
  type ApexParserRuleContext,
  DeleteStatementContext,
  type ExpressionContext,
  InsertStatementContext,
  MergeStatementContext,
  SoqlPrimaryContext,
  SoslPrimaryContext,
  UndeleteStatementContext,
  UpdateStatementContext,
  UpsertStatementContext,
} from '@apexdevtools/apex-parser'
import { type Call, callOf, isOn, lower } from '../calls.ts'
import type { Check, Report } from '../check.ts'
import { Variables } from '../variables.ts'

const queries = new Set(['query', 'querywithbinds', 'countquery', 'countquerywithbinds', 'getquerylocator'])
const writes = new Set([
  ...['insert', 'update', 'upsert', 'delete', 'undelete'].flatMap((verb) => [verb, `${verb}immediate`, `${verb}async`]),
  'merge',
  'convertlead',
  'emptyrecyclebin',
])
const statements = [
  InsertStatementContext,
  UpdateStatementContext,
  UpsertStatementContext,
  DeleteStatementContext,
  UndeleteStatementContext,
  MergeStatementContext,
]

/** What a transaction may do only so often, done once for each round of a loop. Tests have limits of their own. */
export function limits(report: Report): Check {
  const variables = new Variables()
  const sends: { readonly node: ApexParserRuleContext; readonly receiver: ExpressionContext }[] = []
  return {
    visit(node, scope) {
      variables.note(node)
      if (!scope.inLoop || scope.inTest) return
      const call = callOf(node)
      if (isQuery(node, call)) report('apex/soql-in-loop', node, 'a query in a loop')
      if (!scope.inChunks && isWrite(node, call)) report('apex/dml-in-loop', node, 'a DML operation in a loop')
      if (call && isOn(call, 'webservicecallout') && call.name === 'invoke') tellCallout(node)
      if (call?.receiver && call.name === 'send') sends.push({ node, receiver: call.receiver })
    },
    // A field may be declared below the method that uses it.
    end() {
      for (const { node, receiver } of sends) if (isHttp(lower(receiver))) tellCallout(node)
    },
  }

  function isHttp(receiver: string): boolean {
    return /^\(?newhttp\(\)\)?$/.test(receiver) || variables.isOfType(receiver.replace(/^this\./, ''), 'http')
  }

  function tellCallout(node: ApexParserRuleContext): void {
    report('apex/callout-in-loop', node, 'a callout in a loop')
  }
}

export function isQuery(node: ApexParserRuleContext, call: Call | undefined): boolean {
  if (node instanceof SoqlPrimaryContext || node instanceof SoslPrimaryContext) return true
  if (!call) return false
  return (
    (isOn(call, 'database') && queries.has(call.name)) || (isOn(call, 'search') && /^(query|find)$/.test(call.name))
  )
}

export function isWrite(node: ApexParserRuleContext, call: Call | undefined): boolean {
  if (statements.some((statement) => node instanceof statement)) return true
  if (!call) return false
  return (isOn(call, 'database') && writes.has(call.name)) || (isOn(call, 'eventbus') && call.name === 'publish')
}
