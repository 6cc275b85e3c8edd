/** Keeps what came of a deployment: in the log for persons, in artifacts for programs. */
import { junitOf } from '../../apex-tests/junit.ts'
import type { Context } from '../../context.ts'
import { toLine } from '../../lint/report.ts'
import type { Outcome } from './outcome.ts'
import { shownFindings } from './result.ts'
import { type Named, summaryOf } from './words.ts'

const encode = (text: string) => new TextEncoder().encode(text)

/** `<kind>.json` has all findings, by the name that clients look for. */
export async function publish(outcome: Outcome, named: Named, context: Context<unknown>): Promise<void> {
  const { findings, methods, status } = outcome
  if (findings.length > 0) process.stdout.write(`${findings.slice(0, shownFindings).map(toLine).join('\n')}\n`)
  const json = { contentType: 'application/json' }
  await context.artifact(`${context.kind}.json`, encode(JSON.stringify(findings)), json)
  await context.artifact('deployment.json', encode(JSON.stringify(status)), json)
  const problems = findings
    .filter(({ severity, rule }) => severity === 'error' && rule !== 'test')
    .map(({ file, line, rule, message }) => ({ suite: rule, name: `${file}:${line}`, message }))
  const junit = junitOf(`${context.kind} ${named.org}`, methods, problems)
  await context.artifact('junit.xml', encode(junit), { contentType: 'application/xml' })
  await context.artifact('summary.md', encode(summaryOf(outcome, named)), { contentType: 'text/markdown' })
}
