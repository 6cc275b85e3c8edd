import {
  type ApexParserRuleContext,
  AssignExpressionContext,
  EnhancedForControlContext,
  type ExpressionContext,
  FieldDeclarationContext,
  FormalParameterContext,
  LocalVariableDeclarationContext,
  PropertyDeclarationContext,
  type VariableDeclaratorsContext,
} from '@apexdevtools/apex-parser'
import { lower } from './calls.ts'

/** What is known of a name in one file: the types that it was declared with, and what was assigned to it. */
export interface Variable {
  readonly types: Set<string>
  readonly values: ExpressionContext[]
}

/** By name alone, over the whole file: two that share a name are taken for one. */
export class Variables {
  readonly #known = new Map<string, Variable>()

  note(node: ApexParserRuleContext): void {
    if (node instanceof LocalVariableDeclarationContext || node instanceof FieldDeclarationContext) {
      this.#declare(lower(node.typeRef()), node.variableDeclarators())
    } else if (node instanceof FormalParameterContext || node instanceof EnhancedForControlContext) {
      this.#of(lower(node.id())).types.add(lower(node.typeRef()))
    } else if (node instanceof PropertyDeclarationContext) {
      this.#of(lower(node.id())).types.add(lower(node.typeRef()))
    } else if (node instanceof AssignExpressionContext) {
      const [target, value] = node.expression_list()
      if (target && value) this.#of(lower(target).replace(/^this\./, '')).values.push(value)
    }
  }

  get(name: string): Variable | undefined {
    return this.#known.get(name)
  }

  isOfType(name: string, type: string): boolean {
    return this.get(name)?.types.has(type) ?? false
  }

  #declare(type: string, declarators: VariableDeclaratorsContext | null): void {
    for (const declarator of declarators?.variableDeclarator_list() ?? []) {
      const variable = this.#of(lower(declarator.id()))
      variable.types.add(type)
      const value = declarator.expression()
      if (value) variable.values.push(value)
    }
  }

  #of(name: string): Variable {
    const known = this.#known.get(name) ?? { types: new Set<string>(), values: [] }
    this.#known.set(name, known)
    return known
  }
}
