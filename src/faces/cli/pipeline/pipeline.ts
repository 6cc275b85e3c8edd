/** Where the command runs, as the pipeline's own variables tell. */
export const PIPELINES = ['github', 'gitlab', 'jenkins', 'none'] as const

export type Pipeline = (typeof PIPELINES)[number]

type Environment = Readonly<Record<string, string | undefined>>

export function pipelineOf(env: Environment): Pipeline {
  if (env.GITHUB_ACTIONS === 'true') return 'github'
  if (env.GITLAB_CI === 'true') return 'gitlab'
  return env.JENKINS_URL && env.BUILD_NUMBER ? 'jenkins' : 'none'
}

/** A job that is done again within the same run has the same; the attempt is left out for that very reason. */
const partsOf = {
  github: ['GITHUB_SERVER_URL', 'GITHUB_REPOSITORY', 'GITHUB_RUN_ID', 'GITHUB_JOB', 'GITHUB_ACTION'],
  gitlab: ['CI_SERVER_URL', 'CI_PROJECT_PATH', 'CI_PIPELINE_ID', 'CI_JOB_NAME'],
  jenkins: ['JENKINS_URL', 'JOB_NAME', 'BUILD_NUMBER', 'STAGE_NAME'],
  none: [],
} as const satisfies Record<Pipeline, readonly string[]>

/** Which steps have no name of their own in some pipelines. */
const mayBeMissing: ReadonlySet<string> = new Set(['GITHUB_ACTION', 'STAGE_NAME'])

/** The same for what one step of one run asks for, however often it is done; nothing where the run has no name. */
export function runKeyOf(pipeline: Pipeline, env: Environment, asked: unknown): string | undefined {
  const names: readonly string[] = partsOf[pipeline]
  if (names.length === 0 || names.some((name) => !env[name] && !mayBeMissing.has(name))) return undefined
  return digestOf([pipeline, ...names.map((name) => env[name] ?? ''), asked])
}

/** Of the same run, but after a task that came to no good end. */
export function keyAfter(key: string, earlier: string | undefined): string {
  return earlier === undefined ? `ci-${key}` : `ci-${digestOf([key, earlier])}`
}

/** Half of SHA-256 in hexadecimal: enough for no two runs of the world to meet. */
function digestOf(value: unknown): string {
  // Loaded where a pipeline asks for it: it takes longer to load than the file of a command.
  const { createHash } = process.getBuiltinModule('node:crypto')
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32)
}
