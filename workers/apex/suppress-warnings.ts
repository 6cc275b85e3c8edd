import type { ApexParserRuleContext } from '@apexdevtools/apex-parser'
import type { Modifiers, Scope } from './scope.ts'

interface Span {
  readonly from: number
  readonly to: number
  /** In lower case, without `PMD.`; none: all rules. */
  readonly rules: readonly string[]
}

/** `@SuppressWarnings('PMD.AvoidDebugStatements, …')` before classes and methods. */
export class PmdSuppressions {
  readonly #spans: Span[] = []

  note(node: ApexParserRuleContext, { type, method }: Scope): void {
    if (type?.node === node) this.#add(type.modifiers, node)
    if (method?.node === node) this.#add(method.modifiers, node)
  }

  covers(line: number, pmd: readonly string[] | undefined = []): boolean {
    const names = new Set(pmd.map((name) => name.toLowerCase()))
    return this.#spans.some(
      ({ from, to, rules }) =>
        from <= line && line <= to && (rules.length === 0 || rules.some((rule) => names.has(rule))),
    )
  }

  #add({ annotations }: Modifiers, node: ApexParserRuleContext): void {
    for (const { text, node: annotation } of annotations) {
      const [, list] = /^suppresswarnings\((?:value=)?'(.*)'\)$/.exec(text) ?? []
      if (list === undefined) continue
      const named = list.split(',').filter((name) => name.startsWith('pmd'))
      const rules = named.map((name) => name.replace(/^pmd\.?/, ''))
      const span = { from: annotation.start.line, to: node.stop?.line ?? annotation.start.line }
      if (rules.length > 0) this.#spans.push({ ...span, rules: rules.includes('') ? [] : rules })
    }
  }
}
