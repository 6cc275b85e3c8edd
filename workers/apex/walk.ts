import {
  type ApexParserRuleContext,
  ClassBodyDeclarationContext,
  ClassDeclarationContext,
  DoWhileStatementContext,
  EnhancedForControlContext,
  ForControlContext,
  ForStatementContext,
  MethodDeclarationContext,
  type ModifierContext,
  PropertyDeclarationContext,
  TypeDeclarationContext,
  WhileStatementContext,
} from '@apexdevtools/apex-parser'
import { isTest, type Method, modifiersOf, outermost, type Scope } from './scope.ts'

export type Visit = (node: ApexParserRuleContext, scope: Scope) => void

/** Calls `visit` for every node from the top down, with where it stands. */
export function walk(tree: ApexParserRuleContext, visit: Visit): void {
  descend(tree, outermost, visit)
}

/** Not by recursion: sources may be nested deeper than a stack. */
function descend(root: ApexParserRuleContext, scope: Scope, visit: Visit): void {
  const waiting: { node: ApexParserRuleContext; scope: Scope }[] = [{ node: root, scope }]
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const inside = enter(next.node, next.scope)
    visit(next.node, inside)
    const children = childrenOf(next.node)
    for (const child of children.toReversed()) waiting.push({ node: child, scope: around(next.node, child, inside) })
  }
}

export function childrenOf(node: ApexParserRuleContext): readonly ApexParserRuleContext[] {
  return (node.children ?? []).filter((child) => 'ruleIndex' in child) as unknown as ApexParserRuleContext[]
}

function enter(node: ApexParserRuleContext, scope: Scope): Scope {
  if (node instanceof ClassDeclarationContext) return inClass(node, scope)
  if (node instanceof MethodDeclarationContext) return inMethod(node, node.id()?.getText() ?? '', scope)
  if (node instanceof PropertyDeclarationContext) return { ...scope, method: undefined, inLoop: false, inChunks: false }
  return scope
}

function inClass(node: ClassDeclarationContext, outside: Scope): Scope {
  const modifiers = modifiersOf(modifiersBefore(node))
  const name = node.id()?.getText() ?? ''
  const inTest = outside.inTest || isTest(modifiers)
  return { ...outermost, type: { name, node, modifiers, outer: outside.type, isTest: inTest }, inTest }
}

function inMethod(node: MethodDeclarationContext, name: string, scope: Scope): Scope {
  const modifiers = modifiersOf(modifiersBefore(node))
  const method: Method = { name, node, modifiers }
  return { ...scope, method, inLoop: false, inChunks: false, inTest: scope.inTest || isTest(modifiers) }
}

/** They stand beside what they belong to, in the node around it. */
function modifiersBefore(node: ApexParserRuleContext): ModifierContext[] {
  for (let around = node.parentCtx; around; around = around.parentCtx) {
    if (around instanceof TypeDeclarationContext || around instanceof ClassBodyDeclarationContext)
      return around.modifier_list()
  }
  return []
}

/** What of a loop runs with every round: not the list that it goes through, nor what comes before the first round. */
function around(node: ApexParserRuleContext, child: ApexParserRuleContext, scope: Scope): Scope {
  if (node instanceof ForStatementContext && child === node.statement()) return loopOf(node, scope)
  if (node instanceof ForControlContext) {
    const once = child === node.forInit() || child === node.enhancedForControl()
    return once ? scope : { ...scope, inLoop: true }
  }
  if (node instanceof WhileStatementContext || node instanceof DoWhileStatementContext) {
    return { ...scope, inLoop: true, inChunks: false }
  }
  return scope
}

function loopOf(node: ForStatementContext, scope: Scope): Scope {
  const each = node.forControl()?.enhancedForControl()
  return {
    ...scope,
    inLoop: true,
    inChunks: !scope.inLoop && each instanceof EnhancedForControlContext && isChunked(each),
  }
}

const listOfRecords = /^list<|\[\]$/i

function isChunked(each: EnhancedForControlContext): boolean {
  const isList = listOfRecords.test(each.typeRef()?.getText() ?? '')
  return isList && /^(\[select|database\.query)/i.test(each.expression()?.getText() ?? '')
}
