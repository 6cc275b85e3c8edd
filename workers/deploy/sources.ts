/** From what a request names to a package that can be submitted. */
import type { Context } from '../context.ts'
import { FatalError } from '../errors/steering.ts'
import type { Org } from '../salesforce/org.ts'
import { sourceOf } from '../sources/source.ts'
import type { Deployments, DeployOptions } from './api.ts'
import { build } from './build/build.ts'
import type { Begun } from './deploy.ts'
import type { DeployInput } from './input.ts'
import type { Memory } from './saved.ts'

interface Tools {
  readonly context: Context<DeployInput>
  readonly org: Org
  readonly deployments: Deployments
  readonly memory: Memory
}

export async function beginFromSources(tools: Tools, checkOnly: boolean): Promise<Begun> {
  const { context, org, deployments, memory } = tools
  const { input } = context
  refuseNonsense(input)
  context.progress({ phase: 'fetching', percent: null })
  const root = await sourceOf(input, context, { withLinks: false })
  context.progress({ phase: 'packing', percent: null })
  const { bytes, files, unzippedBytes, sha256, format, origins, components } = build(root, input, org.apiVersion)
  memory.keepOrigins(origins)
  const what = components === null ? `${files} files` : `components: ${components}, in ${files} files`
  context.log.info(`${what}, ${kibibytes(bytes.length)} packed, ${kibibytes(unzippedBytes)} unpacked`, {
    sha256,
    format,
  })
  return {
    zip: { files, bytes: bytes.length, sha256, format },
    submit: () => deployments.submit(bytes, optionsOf(input, checkOnly)),
  }
}

/** What a schema cannot say; Salesforce would say it after the upload. */
function refuseNonsense({ upload, git, testLevel, runTests }: DeployInput): void {
  if ((upload === undefined) === (git === undefined))
    throw new FatalError('give one place of the sources: upload or git')
  if (testLevel === 'RunSpecifiedTests' && !runTests)
    throw new FatalError('testLevel RunSpecifiedTests needs runTests, the classes to run')
  if (runTests && testLevel !== 'RunSpecifiedTests')
    throw new FatalError('runTests needs "testLevel": "RunSpecifiedTests": no other runs classes by name')
}

function optionsOf(input: DeployInput, checkOnly: boolean): DeployOptions {
  const { ignoreWarnings = false, purgeOnDelete = false, rollbackOnError = true, runTests, testLevel } = input
  return {
    checkOnly,
    ignoreWarnings,
    purgeOnDelete,
    rollbackOnError,
    ...(runTests && { runTests }),
    ...(testLevel && { testLevel }),
  }
}

function kibibytes(bytes: number): string {
  return `${Math.ceil(bytes / 1024).toLocaleString('en-US')} KiB`
}
