/** JUnit's XML of Apex tests: a suite for each class, a case for each method. */
import { countsOf, type MethodResult } from './method.ts'

/** What is no test but must be seen as one that failed: a component that cannot be deployed, too little coverage. */
export interface Problem {
  readonly suite: string
  readonly name: string
  readonly message: string
}

export function junitOf(name: string, methods: readonly MethodResult[], problems: readonly Problem[] = []): string {
  const classes = [...Map.groupBy(methods, ({ className }) => className)]
  const others = [...Map.groupBy(problems, ({ suite }) => suite)]
  const suites = [
    ...classes.map(([suite, all]) => suiteOf(suite, all)),
    ...others.map(([suite, all]) => faults(suite, all)),
  ]
  const { total, failed, skipped } = countsOf(methods)
  const counts = countsText(total + problems.length, failed + problems.length, skipped, secondsOf(methods))
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="${quoted(name)}" ${counts}>
${suites.join('')}</testsuites>
`
}

function suiteOf(suite: string, methods: readonly MethodResult[]): string {
  const { total, failed, skipped } = countsOf(methods)
  const counts = countsText(total, failed, skipped, secondsOf(methods))
  return `  <testsuite name="${quoted(suite)}" ${counts}>\n${methods.map(caseOf).join('')}  </testsuite>\n`
}

function caseOf({ className, method, outcome, seconds, message, stackTrace }: MethodResult): string {
  const begin = `    <testcase classname="${quoted(className)}" name="${quoted(method)}" time="${seconds}"`
  if (outcome === 'pass') return `${begin}/>\n`
  if (outcome === 'skip') return `${begin}><skipped/></testcase>\n`
  const said = quoted(message ?? '')
  return `${begin}><failure message="${said}">${escaped(stackTrace ?? message ?? '')}</failure></testcase>\n`
}

function faults(suite: string, problems: readonly Problem[]): string {
  const cases = problems.map(
    ({ name, message }) =>
      `    <testcase classname="${quoted(suite)}" name="${quoted(name)}" time="0"><failure message="${quoted(message)}">${escaped(message)}</failure></testcase>\n`,
  )
  const counts = countsText(problems.length, problems.length, 0, 0)
  return `  <testsuite name="${quoted(suite)}" ${counts}>\n${cases.join('')}  </testsuite>\n`
}

function countsText(tests: number, failures: number, skipped: number, seconds: number): string {
  return `tests="${tests}" failures="${failures}" errors="0" skipped="${skipped}" time="${seconds}"`
}

function secondsOf(methods: readonly MethodResult[]): number {
  return Math.round(1_000 * methods.reduce((sum, { seconds }) => sum + seconds, 0)) / 1_000
}

/** XML has no way at all to write most control characters and halves of pairs. */
function escaped(text: string): string {
  return (
    text
      .toWellFormed()
      // biome-ignore lint/suspicious/noControlCharactersInRegex: taking them out is the point
      .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
      .replaceAll(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
  )
}

function quoted(text: string): string {
  return escaped(text).replaceAll(/[\n\r\t]/g, (character) => `&#${character.charCodeAt(0)};`)
}
