import type { ApexParserRuleContext } from '@apexdevtools/apex-parser'
import { callOf } from '../calls.ts'
import type { Check, Report } from '../check.ts'
import { isAnnotated, type Scope, type Type } from '../scope.ts'
import { isQuery, isWrite } from './limits.ts'

/** Whether a class says whose records its code reaches. */
export function sharing(report: Report): Check {
  const told = new Set<ApexParserRuleContext>()
  return {
    visit(node, scope) {
      const { type, method } = scope
      if (!type || type.isTest) return
      if (reachesRecords(node, scope) && !saysSharing(type)) tell(outermostOf(type))
      if (method?.node === node && isAnnotated(method.modifiers, 'auraenabled') && isWithout(type)) {
        report('apex/aura-without-sharing', node, `components call ${type.name}.${method.name} "without sharing"`)
      }
    },
  }

  function tell({ node, name }: Type): void {
    if (told.has(node)) return
    told.add(node)
    report('apex/missing-sharing', node, `${name} reads or writes records and does not say how it shares`)
  }
}

function reachesRecords(node: ApexParserRuleContext, { method }: Scope): boolean {
  const call = callOf(node)
  const isAction = method?.node === node && isAnnotated(method.modifiers, 'auraenabled')
  return isAction || isQuery(node, call) || isWrite(node, call)
}

/** Inner classes do not inherit it from the class around, but who wrote one of them has thought of it. */
function saysSharing(type: Type): boolean {
  return [...chain(type)].some(({ modifiers }) => [...modifiers.words].some((word) => word.endsWith('sharing')))
}

function isWithout({ modifiers }: Type): boolean {
  return modifiers.words.has('withoutsharing')
}

function outermostOf(type: Type): Type {
  return [...chain(type)].at(-1) ?? type
}

function* chain(type: Type): Generator<Type> {
  for (let one: Type | undefined = type; one; one = one.outer) yield one
}
