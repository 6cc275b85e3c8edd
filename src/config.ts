/** Settings: flags > environment > config file > defaults, checked once and then fixed. */
import { readFileSync, statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { delimiter, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { checkOf } from './contract/check.ts'
import { closed, count, seconds } from './contract/fragments.ts'
import { type Static, Type } from './contract/schema.ts'
import { defaultSettlePolicy } from './task/settlement.ts'

const daySeconds = 86_400

export const Config = closed({
  host: Type.String({ minLength: 1 }),
  port: count(0, 65_535),
  data: Type.String({ minLength: 1, description: 'directory of the journal, the workspaces and the admin token' }),
  masterKey: Type.Optional(
    Type.String({
      minLength: 1,
      description: 'file of the master key, where it is not in data: made when it is missing',
    }),
  ),
  credentials: Type.Optional(
    Type.String({
      description: 'directory of systemd credentials: a mayfly-master-key in it comes before the one in data',
    }),
  ),
  forgetSecrets: Type.Boolean({ description: 'give up all stored secrets: for when the master key is lost' }),
  kinds: Type.Array(Type.String(), { description: 'further directories of kinds' }),
  isolation: Type.Union([
    Type.Literal('auto', { description: 'the best level that works here' }),
    closed({ require: count(0, 1) }, 'refuse to start below this level'),
    closed({ atMost: count(0, 1) }, 'never use a higher level'),
  ]),
  allowSecretsInCommands: Type.Boolean({
    description:
      'tasks may hand secrets on to commands (secretEnv, secretFiles) below isolation level 2 also where there are several tenants',
  }),
  criticalSlots: count(0, 1_000),
  sharedSlots: count(1, 1_000),
  tenantRunning: count(1, 10_000),
  tenantQueued: count(0, 10_000_000),
  tenantSubmitsPerMinute: count(0, 10_000_000),
  tenantSchedules: count(0, 100_000),
  shortestScheduleSeconds: seconds(0.1, daySeconds),
  maxStartFailures: count(1, 1_000),
  maxLosses: count(1, 1_000_000),
  recoverSeconds: seconds(0.1, 600),
  startDeadlineSeconds: seconds(0.1, 600),
  askGraceSeconds: seconds(0, 3600),
  exitGraceSeconds: seconds(0, 3600),
  stopGraceSeconds: seconds(0, daySeconds),
  openFiles: count(64, 1_000_000),
  standby: Type.Integer({
    minimum: 0,
    maximum: 1_000,
    description: 'workers that wait ahead of tasks at most; 0: none',
  }),
  standbyMiB: Type.Integer({ minimum: 0, maximum: 1024 * 1024, description: 'memory that they take together at most' }),
  standbySeconds: seconds(1, daySeconds),
  maxUploadMiB: count(1, 1024 * 1024),
  maxTenantUploadMiB: count(1, 1024 * 1024),
  maxTenantUploads: count(1, 1_000_000),
  maxTaskEvents: Type.Integer({
    minimum: 1_000,
    maximum: 100_000_000,
    description: 'the newest events of a task that are kept while it runs and after',
  }),
  retainDays: Type.Number({ minimum: 0, maximum: 36_500, description: 'days that settled tasks stay' }),
  retainTasks: count(0, 1_000_000_000),
  retainUploadHours: Type.Number({
    minimum: 0,
    maximum: 876_000,
    description: 'hours that uploads without a task stay',
  }),
  environment: Type.Record(Type.String(), Type.String(), {
    description: 'added to the environment of every worker: a proxy, a CA bundle; never a secret',
  }),
  allowedOrigins: Type.Array(Type.String(), {
    description: 'web pages that may ask and open streams, such as https://ci.example.com',
  }),
  logLevel: Type.Enum(['debug', 'info', 'warn', 'error', 'silent']),
})

export type Config = Static<typeof Config>

export function defaults(): Config {
  const cores = availableParallelism()
  return {
    host: '127.0.0.1',
    port: 7070,
    data: '.mayfly',
    forgetSecrets: false,
    kinds: [],
    isolation: 'auto',
    allowSecretsInCommands: false,
    criticalSlots: 1,
    sharedSlots: cores,
    tenantRunning: cores + 1,
    tenantQueued: 100_000,
    tenantSubmitsPerMinute: 60_000,
    tenantSchedules: 1_000,
    shortestScheduleSeconds: 10,
    ...defaultSettlePolicy,
    recoverSeconds: 10,
    startDeadlineSeconds: 10,
    askGraceSeconds: 10,
    exitGraceSeconds: 5,
    stopGraceSeconds: 30,
    openFiles: 4096,
    standby: 1 + cores,
    standbyMiB: 256,
    standbySeconds: 900,
    maxUploadMiB: 512,
    maxTenantUploadMiB: 4096,
    maxTenantUploads: 1_000,
    maxTaskEvents: 100_000,
    retainDays: 7,
    retainTasks: 10_000,
    retainUploadHours: 24,
    environment: {},
    allowedOrigins: [],
    logLevel: 'info',
  }
}

/** A setting that is wrong, and the sentence that says which and how. */
export class ConfigError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'ConfigError'
  }
}

type Environment = Readonly<Record<string, string | undefined>>

const check = checkOf(Config, 'the configuration')

/** Where a setting comes from. */
export type Source = 'default' | 'file' | 'environment' | 'flag'

interface Settings {
  readonly config: Config
  readonly sources: Readonly<Partial<Record<keyof Config, Source>>>
}

/** Throws ConfigError. Paths are resolved against the working directory. */
export function readConfig(args: readonly string[], environment: Environment): Config {
  return readSettings(args, environment).config
}

/** The same, with where each setting comes from. */
export function readSettings(args: readonly string[], environment: Environment): Settings {
  const flags = readFlags(args)
  const file = flags.config ?? environment.MAYFLY_CONFIG
  const layers: readonly (readonly [Source, Partial<Config>])[] = [
    ['default', defaults()],
    ['file', file === undefined ? {} : readConfigFile(file)],
    ['environment', fromText(fromEnvironment(environment))],
    ['flag', fromText(flags)],
  ]
  const config: Config = Object.assign({}, ...layers.map(([, settings]) => settings))
  const complaint = check(config)
  if (complaint) throw new ConfigError(complaint)
  const sources = Object.assign({}, ...layers.map(([source, layer]) => mapValues(layer, source)))
  return { config: located(config), sources }
}

function mapValues(layer: object, source: Source): Record<string, Source> {
  return Object.fromEntries(Object.keys(layer).map((name) => [name, source]))
}

function located(config: Config): Config {
  const { masterKey } = config
  return {
    ...config,
    ...(masterKey !== undefined && { masterKey: resolve(masterKey) }),
    data: resolve(config.data),
    kinds: config.kinds.map(resolveDirectory),
  }
}

function resolveDirectory(kinds: string): string {
  const path = resolve(kinds)
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return path
  throw new ConfigError(`kinds: there is no directory ${path}`)
}

/** Settings that a flag or a variable may give, as they were written. */
interface Written {
  readonly host?: string | undefined
  readonly port?: string | undefined
  readonly data?: string | undefined
  readonly kinds?: readonly string[] | undefined
  readonly isolation?: string | undefined
  readonly standby?: string | undefined
  readonly credentials?: string | undefined
  readonly 'forget-secrets'?: boolean | undefined
  readonly 'allow-secrets-in-commands'?: boolean | undefined
}

function readFlags(args: readonly string[]): Written & { config?: string | undefined } {
  const text = { type: 'string' } as const
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        host: text,
        port: text,
        data: text,
        kinds: { ...text, multiple: true },
        isolation: text,
        standby: text,
        'forget-secrets': { type: 'boolean' },
        'allow-secrets-in-commands': { type: 'boolean' },
        config: text,
      },
    })
    return values
  } catch (error) {
    throw new ConfigError(error instanceof Error ? error.message : String(error))
  }
}

function fromEnvironment(environment: Environment): Written {
  return {
    host: environment.MAYFLY_HOST,
    port: environment.MAYFLY_PORT,
    data: environment.MAYFLY_DATA,
    kinds: environment.MAYFLY_KINDS?.split(delimiter).filter(Boolean),
    isolation: environment.MAYFLY_ISOLATION,
    standby: environment.MAYFLY_STANDBY,
    credentials: environment.CREDENTIALS_DIRECTORY,
    'allow-secrets-in-commands': toBoolean('MAYFLY_ALLOW_SECRETS_IN_COMMANDS', environment),
  }
}

function fromText(written: Written): Partial<Config> {
  const { host, port, data, kinds, isolation, standby, credentials } = written
  const { 'forget-secrets': forgetSecrets, 'allow-secrets-in-commands': allowSecretsInCommands } = written
  return {
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port: toNumber('port', port) }),
    ...(data !== undefined && { data }),
    ...(kinds !== undefined && { kinds: [...kinds] }),
    ...(isolation !== undefined && { isolation: toIsolation(isolation) }),
    ...(standby !== undefined && { standby: toNumber('standby', standby) }),
    ...(credentials !== undefined && { credentials }),
    ...(forgetSecrets !== undefined && { forgetSecrets }),
    ...(allowSecretsInCommands !== undefined && { allowSecretsInCommands }),
  }
}

function toNumber(name: string, text: string): number {
  if (/^\d+$/.test(text)) return Number(text)
  throw new ConfigError(`${name} must be a number: ${text}`)
}

function toBoolean(name: string, environment: Environment): boolean | undefined {
  const text = environment[name]
  if (text === undefined || text === '') return undefined
  if (text === 'true' || text === '1') return true
  if (text === 'false' || text === '0') return false
  throw new ConfigError(`${name} must be true or false: ${text}`)
}

/** `auto`, `require:1`, `atMost:0`. */
function toIsolation(text: string): Config['isolation'] {
  if (text === 'auto') return text
  const [, how, level] = /^(require|atMost):(\d+)$/.exec(text) ?? []
  if (how === 'require') return { require: Number(level) }
  if (how === 'atMost') return { atMost: Number(level) }
  throw new ConfigError(`isolation must be auto, require:LEVEL or atMost:LEVEL: ${text}`)
}

function readConfigFile(path: string): Partial<Config> {
  let settings: unknown
  try {
    settings = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new ConfigError(`${path} cannot be read as JSON: ${error instanceof Error ? error.message : error}`)
  }
  if (typeof settings === 'object' && settings !== null && !Array.isArray(settings)) return settings
  throw new ConfigError(`${path} must hold an object with the settings by their names`)
}
