/** A whole org looked at: whether it lets us in, how it is set up, how far it is from the sources, whether its code works. */
import type { Json } from '../../src/task/json.ts'
import { failureOf, findingsOf, keepReport, markdownOf, shownFindings, shownSteps } from '../composite/report.ts'
import { commitNow } from '../composite/source.ts'
import { runSteps, type StepEnd } from '../composite/steps.ts'
import type { Context } from '../context.ts'
import { FatalError, invalidInput } from '../errors/steering.ts'
import type { Saved, ValidateOrgInput, ValidateOrgResult } from './input.ts'
import { scoreOf, validationSteps } from './steps.ts'

export async function validateOrg(context: Context<ValidateOrgInput>): Promise<ValidateOrgResult> {
  const { commit } = (context.checkpoint as unknown as Saved | null) ?? (await begin(context))
  const ends = await runSteps(context, validationSteps(context.input, commit))
  return conclude(context, commit, ends)
}

async function begin(context: Context<ValidateOrgInput>): Promise<Saved> {
  const { git, upload, tests } = context.input
  if (git && upload !== undefined) throw invalidInput('upload and git exclude each other: give one of them')
  if (tests === 'validate' && !git && upload === undefined)
    throw invalidInput('"tests": "validate" needs sources: give upload or git, or say "run"')
  const saved: Saved = { commit: git ? await commitNow(context, git) : null }
  if (git) context.log.info(`${git.url} at ${git.ref} is ${saved.commit}`)
  await context.saveCheckpoint(saved as unknown as Json)
  return saved
}

async function conclude(
  context: Context<ValidateOrgInput>,
  commit: string | null,
  ends: readonly StepEnd[],
): Promise<ValidateOrgResult> {
  const { org, minScore = 0, failOn = 'any' } = context.input
  const score = scoreOf(ends)
  const findings = findingsOf(ends)
  const report = { org, score, commit, steps: shownSteps(ends) }
  const facts = [`Score ${score} of 100`, ...(commit === null ? [] : [`sources at ${commit}`])]
  await keepReport(context, markdownOf(`Org ${org}`, facts, ends), findings, { ...report, findings })
  context.log.info(`org ${org} has ${score} of 100`)
  const low = score < minScore ? `it has ${score} of 100, and ${minScore} are asked for` : null
  const failure = failureOf(`org ${org}`, ends) ?? (low === null ? null : `org ${org}: ${low}`)
  if (failOn === 'any' && failure !== null)
    throw new FatalError(`${failure} (score ${score}; summary.md has all)`, { code: 'ORG_NOT_GOOD' })
  return { ...report, findings: findings.slice(0, shownFindings), truncated: findings.length > shownFindings }
}
