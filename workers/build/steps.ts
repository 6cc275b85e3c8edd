/** The steps of a build, each a task of its own. */
import { judgeDeploy, judgeLint } from '../composite/judge.ts'
import { given, type Pinned, pinned } from '../composite/source.ts'
import type { Step } from '../composite/steps.ts'
import type { CreateResult } from '../packages/create-version.ts'
import type { BuildInput } from './input.ts'

export function buildSteps(input: BuildInput, commit: string): readonly Step[] {
  const { org, package: made, failOn = 'error', include, exclude } = input
  const sources = pinned(input, commit)
  const look = (key: string, title: string, kind: string): Step => ({
    key,
    title,
    request: {
      kind,
      // It is here that findings are judged, so that the report has them.
      input: { ...sources.input, failOn: 'never', ...given({ include, exclude }) },
      ...sources.secrets,
    },
    judge: judgeLint(failOn),
  })
  const checks = [look('lint', 'Lint', 'lint'), look('metadata', 'Metadata', 'metadata.validate')]
  const before = [...checks, ...(org === undefined ? [] : [validationOf(input, org, sources)])]
  return [...before, ...(made ? [packageOf(input, made, sources, before)] : [])]
}

function validationOf(input: BuildInput, org: string, sources: Pinned): Step {
  const { directory, packageDirectories, include, exclude, coverage, testLevel = 'RunLocalTests' } = input
  const { apiVersion, pollSeconds, limitWaitSeconds } = input
  const ofOrg = given({ apiVersion, pollSeconds, limitWaitSeconds })
  const own = { ...given({ directory, packageDirectories, include, exclude, coverage }), ...ofOrg }
  return {
    key: 'deploy',
    title: `Validation in ${org}`,
    request: { kind: 'deploy.validate', input: { org, testLevel, ...sources.input, ...own }, ...sources.secrets },
    needs: ['lint', 'metadata'],
    judge: judgeDeploy,
  }
}

function packageOf(
  { directory, pollSeconds, limitWaitSeconds }: BuildInput,
  made: NonNullable<BuildInput['package']>,
  sources: Pinned,
  before: readonly Step[],
): Step {
  const own = { ...sources.input, ...given({ ...made, directory, pollSeconds, limitWaitSeconds }) }
  return {
    key: 'package',
    title: 'Package version',
    request: { kind: 'package.version.create', input: own, ...sources.secrets },
    needs: before.map(({ key }) => key),
    judge(result) {
      const { version, subscriberVersionId } = result as unknown as CreateResult
      return { isGood: true, says: `${version} is ${subscriberVersionId}` }
    },
  }
}
