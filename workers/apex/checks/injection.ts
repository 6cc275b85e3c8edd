import {
  type ApexParserRuleContext,
  Arth2ExpressionContext,
  CondExpressionContext,
  DotExpressionContext,
  type ExpressionContext,
  LiteralPrimaryContext,
  PrimaryExpressionContext,
  SubExpressionContext,
} from '@apexdevtools/apex-parser'
import { callOf, isOn, lower } from '../calls.ts'
import type { Check, Report } from '../check.ts'
import { Variables } from '../variables.ts'

const verbs = /^(query|countquery|getquerylocator|querywithbinds|countquerywithbinds|getquerylocatorwithbinds)$/

/** Of these no text of somebody else can come. */
const harmlessTypes = /^(system\.)?(integer|long|double|decimal|boolean|date|datetime|time|id|sobjecttype|schema\.\w+)$/
/** What escapes or makes a number, and what comes of the org's own schema. */
const harmlessCalls =
  /^(escapesinglequotes|size|length|intvalue|longvalue|getlocalname|getname|getsobjecttype|getlabel|tosoql|format|formatgmt)$/

/** Values that become a part of the text of a query. */
export function injection(report: Report): Check {
  const variables = new Variables()
  const queries: { readonly node: ApexParserRuleContext; readonly text: ExpressionContext }[] = []
  return {
    visit(node, { inTest }) {
      variables.note(node)
      if (inTest) return
      const call = callOf(node)
      const [text] = call?.args ?? []
      const isQuery =
        call && text && (isOn(call, 'database') ? verbs.test(call.name) : isOn(call, 'search') && call.name === 'query')
      if (isQuery) queries.push({ node, text })
    },
    end() {
      for (const { node, text } of queries) {
        const value = strangeIn(text, variables, new Set())
        if (value) report('apex/dynamic-soql', node, `${value} becomes a part of a query`)
      }
    },
  }
}

/** The first value in a text put together by `+` that may come from outside; followed through variables of the file. */
function strangeIn(text: ExpressionContext, variables: Variables, seen: Set<string>): string | undefined {
  if (text instanceof SubExpressionContext) return strangeIn(text.expression(), variables, seen)
  if (text instanceof CondExpressionContext) return firstOf(text.expression_list().slice(1), variables, seen)
  if (text instanceof Arth2ExpressionContext) {
    return firstOf(text.expression_list(), variables, seen) ?? strangeOperand(text, variables)
  }
  const name = lower(text).replace(/^this\./, '')
  if (!(text instanceof PrimaryExpressionContext) || seen.has(name)) return undefined
  return firstOf(variables.get(name)?.values ?? [], variables, new Set(seen).add(name))
}

function firstOf(texts: readonly ExpressionContext[], variables: Variables, seen: Set<string>): string | undefined {
  for (const text of texts) {
    const value = strangeIn(text, variables, seen)
    if (value) return value
  }
  return undefined
}

function strangeOperand(sum: Arth2ExpressionContext, variables: Variables): string | undefined {
  return sum
    .expression_list()
    .find((operand) => !(operand instanceof Arth2ExpressionContext) && isStrange(operand, variables, new Set()))
    ?.getText()
}

function isStrange(operand: ExpressionContext, variables: Variables, seen: Set<string>): boolean {
  if (operand instanceof SubExpressionContext) return isStrange(operand.expression(), variables, seen)
  if (operand instanceof Arth2ExpressionContext || operand instanceof CondExpressionContext) {
    const parts =
      operand instanceof CondExpressionContext ? operand.expression_list().slice(1) : operand.expression_list()
    return parts.some((part) => isStrange(part, variables, seen))
  }
  const call = callOf(operand)
  if (call) return isStrangeCall(call, variables, seen)
  if (operand instanceof DotExpressionContext) return isStrangeField(operand, variables)
  if (!(operand instanceof PrimaryExpressionContext) || operand.primary() instanceof LiteralPrimaryContext) return false
  return isStrangeName(operand, variables, seen)
}

/** `record.Name`, but neither `record.Id` nor `Names.CONSTANT`. */
function isStrangeField(field: DotExpressionContext, variables: Variables): boolean {
  const [, root = '', last = ''] = /^(?:this\.)?(\w+)(?:\.\w+)*\.(\w+)$/.exec(field.getText()) ?? []
  if (/^([A-Z0-9_]+|id)$/i.test(last) && (last === last.toUpperCase() || lower(field.anyId()) === 'id')) return false
  return root !== '' && variables.get(root.toLowerCase()) !== undefined
}

function isStrangeCall(call: NonNullable<ReturnType<typeof callOf>>, variables: Variables, seen: Set<string>): boolean {
  if (harmlessCalls.test(call.name) || isOn(call, 'label')) return false
  if (!isOn(call, 'string')) return false
  return call.args.some((arg) => isStrange(arg, variables, seen))
}

/** A name in capitals is a constant; one whose every value is known is as strange as these. */
function isStrangeName(operand: ExpressionContext, variables: Variables, seen: Set<string>): boolean {
  const written = operand.getText()
  const name = lower(operand)
  if (/^[A-Z][A-Z0-9_]*$/.test(written) || seen.has(name)) return false
  const variable = variables.get(name)
  if (!variable) return true
  if ([...variable.types].every((type) => harmlessTypes.test(type)) && variable.types.size > 0) return false
  if (variable.values.length === 0) return [...variable.types].includes('string')
  return variable.values.some((value) => isStrange(value, variables, new Set(seen).add(name)))
}
