/** The looks at an org, each a task of its own; none waits for another. */
import { judgeDeploy } from '../composite/judge.ts'
import { given, type Pinned, pinned } from '../composite/source.ts'
import type { Step, StepEnd } from '../composite/steps.ts'
import type { ValidateOrgInput } from './input.ts'
import { judgeConfig, judgeDrift, judgeHealth, judgeTests } from './judge.ts'

/** How much of the score each is worth. */
const weights: Readonly<Record<string, number>> = { health: 10, config: 20, drift: 20, deploy: 50, tests: 50 }

/** `commit`: of the sources, where they come from git. */
export function validationSteps(input: ValidateOrgInput, commit: string | null): readonly Step[] {
  const { org, apiVersion, pollSeconds, limitWaitSeconds, coverage } = input
  const common = given({ org, apiVersion, pollSeconds, limitWaitSeconds })
  const sources = sourcesOf(input, commit)
  const { tests = sources ? 'validate' : 'run' } = input
  const steps: Step[] = [
    { key: 'health', title: 'Health', request: { kind: 'org.health', input: common }, judge: judgeHealth },
    {
      key: 'config',
      title: 'Configuration',
      request: { kind: 'config.check', input: { ...common, failOn: 'never' } },
      judge: judgeConfig,
    },
  ]
  if (sources) steps.push(driftOf(input, common, sources))
  if (sources && tests === 'validate') steps.push(deployOf(input, common, sources))
  if (tests === 'run') {
    const own = { testLevel: 'RunLocalTests', coverage: 'aggregate', ...given({ thresholds: coverage }) }
    const request = { kind: 'apex.test', input: { ...common, ...own } }
    steps.push({ key: 'tests', title: 'Apex tests', request, judge: judgeTests })
  }
  return steps
}

function sourcesOf(input: ValidateOrgInput, commit: string | null): Pinned | null {
  if (input.upload !== undefined) return { input: { upload: input.upload }, secrets: {} }
  return commit === null ? null : pinned(input, commit)
}

type Common = Step['request']['input']

function where({ directory, packageDirectories, include, exclude }: ValidateOrgInput): Common {
  return given({ directory, packageDirectories, include, exclude })
}

function driftOf(input: ValidateOrgInput, common: Common, sources: Pinned): Step {
  const own = { ...common, ...sources.input, ...where(input), ...given({ ignore: input.ignore }) }
  return {
    key: 'drift',
    title: 'Drift',
    request: { kind: 'metadata.drift', input: own, ...sources.secrets },
    judge: judgeDrift,
  }
}

function deployOf(input: ValidateOrgInput, common: Common, sources: Pinned): Step {
  const own = { ...common, ...sources.input, ...where(input), ...given({ coverage: input.coverage }) }
  return {
    key: 'deploy',
    title: 'Validation',
    request: { kind: 'deploy.validate', input: { ...own, testLevel: 'RunLocalTests' }, ...sources.secrets },
    judge: judgeDeploy,
  }
}

/** Out of 100, by the weights of those that there were. */
export function scoreOf(ends: readonly Pick<StepEnd, 'key' | 'score'>[]): number {
  const scored = ends.flatMap(({ key, score }) => (score === null ? [] : [{ score, weight: weights[key] ?? 0 }]))
  const weight = scored.reduce((sum, one) => sum + one.weight, 0)
  return weight === 0 ? 0 : Math.round(scored.reduce((sum, one) => sum + one.score * one.weight, 0) / weight)
}
