import {
  type ApexParserRuleContext,
  DotExpressionContext,
  type ExpressionContext,
  MethodCallExpressionContext,
} from '@apexdevtools/apex-parser'

/** `receiver.name(args)`, or `name(args)`; names are in lower case. */
export interface Call {
  readonly receiver: ExpressionContext | undefined
  readonly name: string
  readonly args: readonly ExpressionContext[]
}

export function callOf(node: ApexParserRuleContext): Call | undefined {
  if (node instanceof DotExpressionContext) {
    const call = node.dotMethodCall()
    if (!call) return undefined
    const args = call.expressionList()?.expression_list() ?? []
    return { receiver: node.expression(), name: lower(call.anyId()), args }
  }
  if (!(node instanceof MethodCallExpressionContext)) return undefined
  const call = node.methodCall()
  return { receiver: undefined, name: lower(call.id()), args: call.expressionList()?.expression_list() ?? [] }
}

/** `Database.query` also as `System.Database.query`. */
export function isOn({ receiver }: Call, type: string): boolean {
  const text = lower(receiver)
  return text === type || text === `system.${type}`
}

export function lower(node: ApexParserRuleContext | null | undefined): string {
  return node?.getText().toLowerCase() ?? ''
}
