import { compileProblem } from '../metadata/apex.ts'
import type { EmulatedOrg } from '../org.ts'

/** The answer to `executeAnonymous`: a broken body, a rule and a false assertion fail; everything else succeeds. */
export function executeAnonymous(org: EmulatedOrg, body: string): object {
  org.anonymousApex.push(body)
  const flaw = org.deployRules.problemOf('', [body]) ?? compileProblem(body)
  if (flaw) {
    const { lineNumber = 1, columnNumber = 1, problem } = flaw
    return {
      ...succeeded,
      line: lineNumber,
      column: columnNumber,
      compiled: false,
      success: false,
      compileProblem: problem,
    }
  }
  const thrown = thrownBy(body)
  if (!thrown) return succeeded
  return {
    ...succeeded,
    line: thrown.line,
    column: 1,
    success: false,
    exceptionMessage: thrown.message,
    exceptionStackTrace: `AnonymousBlock: line ${thrown.line}, column 1`,
  }
}

const succeeded = {
  line: -1,
  column: -1,
  compiled: true,
  success: true,
  compileProblem: null,
  exceptionMessage: null,
  exceptionStackTrace: null,
}

function thrownBy(body: string): { readonly line: number; readonly message: string } | null {
  const assertion = /System\.assert\s*\(\s*false\b/i.exec(body)
  const thrown = /\bthrow\s+new\s+([\w.]+)\s*\(\s*(?:'([^']*)')?/i.exec(body)
  const found = assertion ?? thrown
  if (!found) return null
  const line = body.slice(0, found.index).split('\n').length
  if (assertion) return { line, message: 'System.AssertException: Assertion Failed' }
  return { line, message: `${found[1]}: ${found[2] ?? 'Script-thrown exception'}` }
}
