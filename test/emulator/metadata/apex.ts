import type { Problem, Rules } from './rules.ts'

/** An Apex class as tests run it. */
export interface ApexSource {
  readonly id: string
  readonly name: string
  readonly body: string
}

export interface MethodResult {
  readonly classId: string
  readonly className: string
  readonly methodName: string
  readonly isPassed: boolean
  readonly message: string | null
  readonly stackTrace: string | null
  readonly timeMs: number
}

export interface ClassCoverage {
  readonly id: string
  readonly name: string
  readonly lines: number
  readonly uncovered: readonly number[]
}

/** Methods that a run of the class calls: those marked `@IsTest`, and the older `testMethod`s. */
export function testMethodsIn(body: string): string[] {
  if (!isTestClass(body)) return []
  const modern = body.matchAll(/@istest\b(?:\s*\([^)]*\))?[\s\w]*?\bvoid\s+(\w+)\s*\(/gi)
  const old = body.matchAll(/\btestmethod\b[\s\w]*?\bvoid\s+(\w+)\s*\(/gi)
  return [...new Set([...modern, ...old].map((match) => match[1] ?? ''))]
}

export function isTestClass(body: string): boolean {
  return /@istest\b/i.test(body) || /\btestmethod\b/i.test(body)
}

/** How a method ends: as a rule says, or, as in an org, with an assertion that is plainly false. */
export function runMethod(source: ApexSource, methodName: string, rules: Rules): MethodResult {
  const problem = rules.takeTestProblem(source.name, methodName) ?? falseAssertionOf(source, methodName)
  const at = `Class.${source.name}.${methodName}: line 1, column 1`
  return {
    classId: source.id,
    className: source.name,
    methodName,
    isPassed: problem === null,
    message: problem?.message ?? null,
    stackTrace: problem ? (problem.stackTrace ?? at) : null,
    timeMs: 12,
  }
}

export function coverageOf(sources: readonly ApexSource[], rules: Rules): ClassCoverage[] {
  return sources
    .filter(({ body }) => !isTestClass(body))
    .map(({ id, name, body }) => ({ id, name, ...rules.coverageOf(name, body) }))
}

export function percentCovered(coverage: readonly ClassCoverage[]): number {
  const lines = coverage.reduce((sum, one) => sum + one.lines, 0)
  const uncovered = coverage.reduce((sum, one) => sum + one.uncovered.length, 0)
  return lines === 0 ? 100 : Math.floor((100 * (lines - uncovered)) / lines)
}

/** What the compiler says of a body: here only that its braces do not match. */
export function compileProblem(body: string): Problem | null {
  const code = withoutLiterals(body)
  let depth = 0
  for (let at = 0; at < code.length; at += 1) {
    depth += code[at] === '{' ? 1 : code[at] === '}' ? -1 : 0
    if (depth < 0) return problemAt(code, at, "Unexpected token '}'.")
  }
  return depth === 0 ? null : problemAt(code, code.length, "Missing '}' at '<EOF>'")
}

function problemAt(code: string, at: number, problem: string): Problem {
  const lines = code.slice(0, at).split('\n')
  return { problem, lineNumber: lines.length, columnNumber: (lines.at(-1)?.length ?? 0) + 1 }
}

/** Comments and strings made blank, of the same length and lines. */
function withoutLiterals(body: string): string {
  return body.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'/g, (text) => text.replace(/[^\n]/g, ' '))
}

function falseAssertionOf(
  { name, body }: ApexSource,
  methodName: string,
): { message: string; stackTrace: string } | null {
  const start = new RegExp(`\\bvoid\\s+${methodName}\\s*\\(`, 'i').exec(body)?.index ?? body.length
  const own = body.slice(start).split(/@istest\b|\btestmethod\b/i)[0] ?? ''
  const at = /(?:System\.assert|Assert\.isTrue)\s*\(\s*false\b/i.exec(own)
  if (!at) return null
  const line = body.slice(0, start + at.index).split('\n').length
  return {
    message: 'System.AssertException: Assertion Failed',
    stackTrace: `Class.${name}.${methodName}: line ${line}, column 1`,
  }
}
