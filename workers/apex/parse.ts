import {
  ApexErrorListener,
  type ApexParser,
  ApexParserFactory,
  type ApexParserRuleContext,
} from '@apexdevtools/apex-parser'

export interface SyntaxFault {
  readonly line: number
  readonly column: number
  readonly message: string
}

/** Of a file that is no Apex at all, thousands are found. */
const mostFaults = 20

/** A class, a trigger or an anonymous script, by the ending of its name. */
export function parseApex(file: string, text: string): { tree: ApexParserRuleContext; faults: readonly SyntaxFault[] } {
  const faults = new Faults()
  const { parser } = ApexParserFactory.createLexerAndParser(text, faults)
  return { tree: treeOf(file, parser), faults: faults.found }
}

function treeOf(file: string, parser: ApexParser): ApexParserRuleContext {
  if (file.endsWith('.trigger')) return parser.triggerUnit()
  return file.endsWith('.apex') ? parser.anonymousUnit() : parser.compilationUnit()
}

class Faults extends ApexErrorListener {
  readonly found: SyntaxFault[] = []

  override apexSyntaxError(line: number, column: number, message: string): void {
    if (this.found.length < mostFaults) this.found.push({ line, column: column + 1, message: shortened(message) })
  }
}

/** ANTLR lists all the tokens that it would have taken. */
function shortened(message: string): string {
  const [said = '', expected = ''] = message.split(/ expecting (?=\{)/)
  const tokens = expected.split(', ')
  return tokens.length <= 5 ? message : `${said}; ${tokens.length} other words could stand here`
}
