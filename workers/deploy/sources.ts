/** From what a request names to a package that can be submitted. */
import type { Context } from '../context.ts'
import { invalidInput } from '../errors/steering.ts'
import type { Org } from '../salesforce/org.ts'
import { sourceOf } from '../sources/source.ts'
import type { Deployments, DeployOptions } from './api.ts'
import { build } from './build/build.ts'
import type { Replaced, Variable, Variables } from './build/replacements.ts'
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
  const built = build(root, { ...input, variables: variablesOf(context) }, org.apiVersion)
  const { bytes, files, unzippedBytes, format, origins, components, replaced } = built
  // Whoever has the sources could find a secret by trying which one gives this sum.
  const sha256 = built.hasSecret ? null : built.sha256
  memory.keepOrigins(origins)
  const what = components === null ? `${files} files` : `components: ${components}, in ${files} files`
  context.log.info(`${what}, ${kibibytes(bytes.length)} packed, ${kibibytes(unzippedBytes)} unpacked`, {
    sha256,
    format,
  })
  for (const one of replaced) tellReplaced(one, context)
  return {
    zip: { files, bytes: bytes.length, sha256, format },
    submit: () => deployments.submit(bytes, optionsOf(input, checkOnly)),
  }
}

/** What a schema cannot say; Salesforce would say it after the upload. */
function refuseNonsense({ upload, git, testLevel, runTests }: DeployInput): void {
  if ((upload === undefined) === (git === undefined)) throw invalidInput('give one place of the sources: upload or git')
  if (testLevel === 'RunSpecifiedTests' && !runTests)
    throw invalidInput('testLevel RunSpecifiedTests needs runTests, the classes to run')
  if (runTests && testLevel !== 'RunSpecifiedTests')
    throw invalidInput('runTests needs "testLevel": "RunSpecifiedTests": no other runs classes by name')
}

/** By name what replacements may put in. */
function variablesOf({ input, secrets }: Context<DeployInput>): Variables {
  const { env = {}, secretEnv = {} } = input
  const twice = Object.keys(secretEnv).find((name) => Object.hasOwn(env, name))
  if (twice !== undefined) throw invalidInput(`${twice} is in env and in secretEnv: leave it in one of them`)
  const missing = Object.entries(secretEnv).find(([, secret]) => !secrets.names.includes(secret))
  if (missing)
    throw invalidInput(
      `secretEnv.${missing[0]} needs the secret ${missing[1]}: give it in the request, as secrets: {"${missing[1]}": "vault:NAME"}`,
    )
  const variables = new Map<string, Variable>()
  for (const [name, text] of Object.entries(env)) variables.set(name, { text, isSecret: false })
  for (const [name, secret] of Object.entries(secretEnv))
    variables.set(name, { text: secrets.text(secret), isSecret: true })
  return variables
}

function tellReplaced({ what, files, isMissed }: Replaced, { log }: Pick<Context, 'log'>): void {
  if (isMissed) log.warn(`sfdx-project.json: ${what}: it is not there`)
  else log.info(`sfdx-project.json: ${what}: in ${files} ${files === 1 ? 'file' : 'files'}`)
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
