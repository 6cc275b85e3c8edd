/** What came of the steps, for persons and for programs. */
import { plain, sections, table } from '../apex-tests/markdown.ts'
import type { Context } from '../context.ts'
import type { Finding } from '../lint/report.ts'
import type { StepEnd } from './steps.ts'

/** In a result; the artifacts have all. */
export const shownFindings = 500

const count = { type: 'integer', minimum: 0 }

/** Members of a result's schema. */
export const stepsSchema = {
  type: 'array',
  items: {
    type: 'object',
    required: ['key', 'title', 'kind', 'task', 'state', 'isGood', 'says', 'score', 'findings'],
    additionalProperties: false,
    properties: {
      key: { type: 'string' },
      title: { type: 'string' },
      kind: { type: 'string' },
      task: {
        type: ['string', 'null'],
        description: 'its task, which has artifacts of its own; null of one not begun',
      },
      state: { enum: ['succeeded', 'failed', 'cancelled', 'skipped'] },
      isGood: { type: 'boolean' },
      says: { type: 'string' },
      score: { type: ['number', 'null'], minimum: 0, maximum: 100 },
      findings: { ...count, description: 'how many it had' },
    },
  },
} as const

export type ShownStep = Omit<StepEnd, 'findings' | 'result'> & { readonly findings: number }

export function shownSteps(ends: readonly StepEnd[]): readonly ShownStep[] {
  return ends.map(({ findings, result: _result, ...end }) => ({ ...end, findings: findings.length }))
}

export interface FoundBy extends Finding {
  /** Key of the step. */
  readonly step: string
}

export function findingsOf(ends: readonly StepEnd[]): readonly FoundBy[] {
  return ends.flatMap(({ key, findings }) => findings.map((finding) => ({ step: key, ...finding })))
}

export function markdownOf(title: string, facts: readonly string[], ends: readonly StepEnd[]): string {
  const rows = ends.map(({ title: step, state, isGood, says, score, task }) => [
    isGood ? '✓' : state === 'skipped' ? '–' : '✗',
    plain(step),
    plain(says),
    score === null ? '' : String(score),
    task ?? '',
  ])
  return sections([
    `### ${plain(title)}`,
    facts.map(plain).join(' · '),
    table(['', 'Step', 'What', 'Score', 'Task'], rows),
    ...ends.map(findingsTable),
  ])
}

function findingsTable({ title, findings }: StepEnd): string {
  if (findings.length === 0) return ''
  const rows = findings.map(({ severity, file, line, rule, message }) => [
    severity,
    plain(`${file}:${line}`),
    plain(rule),
    plain(message),
  ])
  return `#### ${plain(title)}\n\n${table(['', 'Where', 'Rule', 'What'], rows)}`
}

/** The sentence of a task that fails because of its steps. */
export function failureOf(what: string, ends: readonly StepEnd[]): string | null {
  const bad = ends.filter(({ isGood, state }) => !isGood && state !== 'skipped')
  if (bad.length === 0) return null
  return `${what}: ${bad.map(({ title, says }) => `${title}: ${says}`).join('; ')}`
}

/** For persons `summary.md`; for programs the findings, by the name that clients look for, and all of the report. */
export async function keepReport(
  context: Pick<Context<unknown>, 'artifact' | 'kind'>,
  markdown: string,
  findings: readonly FoundBy[],
  report: unknown,
): Promise<void> {
  const keep = (name: string, text: string, contentType: string) =>
    context.artifact(name, new TextEncoder().encode(text), { contentType })
  await keep('summary.md', markdown, 'text/markdown')
  await keep(`${context.kind}.json`, JSON.stringify(findings), 'application/json')
  await keep('report.json', JSON.stringify(report), 'application/json')
}
