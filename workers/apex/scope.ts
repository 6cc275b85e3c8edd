/** Where in a file of Apex a piece of code stands: what a rule has to know beside the piece itself. */
import type { ApexParserRuleContext, ClassDeclarationContext, ModifierContext } from '@apexdevtools/apex-parser'

export interface Type {
  readonly name: string
  readonly node: ClassDeclarationContext
  readonly modifiers: Modifiers
  /** The class around it. */
  readonly outer: Type | undefined
  readonly isTest: boolean
}

export interface Method {
  readonly name: string
  readonly node: ApexParserRuleContext
  readonly modifiers: Modifiers
}

export interface Scope {
  readonly type: Type | undefined
  readonly method: Method | undefined
  /** Runs once for each round of a loop. */
  readonly inLoop: boolean
  /** A loop whose query hands out lists of 200 records: one operation a round is the right number. */
  readonly inChunks: boolean
  /** In a test class or a test method: what counts in production does not count here. */
  readonly inTest: boolean
}

export const outermost: Scope = {
  type: undefined,
  method: undefined,
  inLoop: false,
  inChunks: false,
  inTest: false,
}

/** Modifiers and annotations, in lower case and without blanks: Apex knows no case. */
export interface Modifiers {
  readonly words: ReadonlySet<string>
  /** Without `@`, with what is in brackets: `istest(seealldata=true)`. */
  readonly annotations: readonly { readonly text: string; readonly node: ApexParserRuleContext }[]
}

export function modifiersOf(nodes: readonly ModifierContext[]): Modifiers {
  const annotations: { text: string; node: ApexParserRuleContext }[] = []
  const words = new Set<string>()
  for (const node of nodes) {
    const text = node.getText().toLowerCase()
    if (text.startsWith('@')) annotations.push({ text: text.slice(1), node })
    else words.add(text)
  }
  return { words, annotations }
}

export function isAnnotated({ annotations }: Modifiers, name: string): boolean {
  return annotations.some(({ text }) => text === name || text.startsWith(`${name}(`))
}

export function isTest(modifiers: Modifiers): boolean {
  return isAnnotated(modifiers, 'istest') || modifiers.words.has('testmethod')
}
