/** Tests that failed as findings: beside the line of the test, with where it went wrong. */
import type { Finding } from '../lint/report.ts'
import type { MethodResult } from './method.ts'
import { frameIn, framesOf } from './stack.ts'

/** The path of a class in the sources; undefined where it is not among them. */
export type FileOf = (name: string, kind: 'class' | 'trigger') => string | undefined

const longestMessageCharacters = 2_000

export function findingOf(result: MethodResult, fileOf: FileOf): Finding {
  const { className, method, message, stackTrace } = result
  const frame = frameIn(className, stackTrace)
  const [first] = framesOf(stackTrace)
  const from = first && first.text !== frame?.text ? ` (${first.text})` : ''
  return {
    file: fileOf(className, 'class') ?? `classes/${className}.cls`,
    line: frame?.line ?? 1,
    column: frame?.column ?? 1,
    rule: 'test',
    severity: 'error',
    message: `${method}: ${message ?? 'it failed'}${from}`.slice(0, longestMessageCharacters),
  }
}
