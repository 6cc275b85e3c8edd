import { dirname, join, relative } from 'node:path'
import ts from 'typescript'

const root = join(import.meta.dirname, '../..')
const format =
  ts.TypeFormatFlags.NoTruncation |
  ts.TypeFormatFlags.InTypeAlias |
  ts.TypeFormatFlags.MultilineObjectLiterals |
  ts.TypeFormatFlags.UseFullyQualifiedType |
  ts.TypeFormatFlags.UseSingleQuotesForStringLiteralType

/**
 * The types that these modules need, as declarations by their places. What `src/contract` derives from schemas is written
 * out, so that whoever reads it needs neither TypeBox nor patience.
 */
export function declarationsOf(entries: readonly string[]): ReadonlyMap<string, string> {
  const program = programOf(entries)
  const checker = program.getTypeChecker()
  const emitted = new Map<string, string>()
  program.emit(undefined, (path, text) => emitted.set(relative(root, path), text), undefined, true)
  for (const source of program.getSourceFiles()) {
    const place = relative(root, source.fileName)
    if (place.startsWith('src/contract/')) emitted.set(declarationOf(place), writtenOut(source, checker))
  }
  const needed = new Map<string, string>()
  for (const entry of entries) take(declarationOf(entry), emitted, needed)
  return needed
}

function programOf(entries: readonly string[]): ts.Program {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root)
  const emitting = { noEmit: false, declaration: true, emitDeclarationOnly: true, rootDir: root, outDir: root }
  const files = entries.map((entry) => join(root, entry))
  return ts.createProgram(files, { ...options, ...emitting })
}

/** Every type that a module of the contract exports, with nothing left to compute. */
function writtenOut(source: ts.SourceFile, checker: ts.TypeChecker): string {
  const module = checker.getSymbolAtLocation(source)
  if (!module) return ''
  const types = checker.getExportsOfModule(module).filter(({ flags }) => flags & ts.SymbolFlags.TypeAlias)
  return types.map((symbol) => `export type ${headOf(symbol)} = ${textOf(symbol, source, checker)}\n`).join('')
}

function headOf(symbol: ts.Symbol): string {
  const alias = symbol.declarations?.find(ts.isTypeAliasDeclaration)
  const parameters = alias?.typeParameters?.map((one) => one.getText()) ?? []
  return parameters.length === 0 ? symbol.name : `${symbol.name}<${parameters.join(', ')}>`
}

function textOf(symbol: ts.Symbol, source: ts.SourceFile, checker: ts.TypeChecker): string {
  const text = checker.typeToString(checker.getDeclaredTypeOfSymbol(symbol), undefined, format)
  return text.replaceAll(/import\("([^"]+)"(?:, \{[^)]*\})?\)/g, (_, path: string) => {
    const there = relative(dirname(source.fileName), path)
    return `import('${there.startsWith('.') ? there : `./${there}`}.js')`
  })
}

/** A declaration and all that it refers to. */
function take(place: string, from: ReadonlyMap<string, string>, into: Map<string, string>): void {
  if (into.has(place)) return
  const text = from.get(place)
  if (text === undefined) throw new Error(`${place} is needed, and nothing declares it`)
  if (text.includes('typebox')) throw new Error(`${place} would need TypeBox: keep it out of what the client exports`)
  into.set(place, text.replaceAll(/'(\.[^']+)\.ts'/g, "'$1.js'"))
  for (const [, there = ''] of text.matchAll(/'(\.[^']+)\.(?:ts|js)'/g)) {
    take(`${join(dirname(place), there)}.d.ts`, from, into)
  }
}

function declarationOf(place: string): string {
  return place.replace(/\.ts$/, '.d.ts')
}
