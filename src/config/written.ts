/** Settings as flags and variables give them: text. */
import { delimiter } from 'node:path'
import { parseArgs } from 'node:util'
import { ConfigError } from './error.ts'
import type { Config } from './schema.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** Settings that a flag or a variable may give, as they were written. */
interface Written {
  readonly host?: string | undefined
  readonly port?: string | undefined
  readonly data?: string | undefined
  readonly kinds?: readonly string[] | undefined
  readonly isolation?: string | undefined
  readonly standby?: string | undefined
  readonly credentials?: string | undefined
  readonly 'master-key'?: string | undefined
  readonly 'passphrase-fd'?: string | undefined
  readonly 'forget-secrets'?: boolean | undefined
  readonly 'allow-secrets-in-commands'?: boolean | undefined
}

export function readFlags(args: readonly string[]): Written & { config?: string | undefined } {
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
        'master-key': text,
        'passphrase-fd': text,
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

export function fromEnvironment(environment: Environment): Written {
  return {
    host: environment.MAYFLY_HOST,
    port: environment.MAYFLY_PORT,
    data: environment.MAYFLY_DATA,
    kinds: environment.MAYFLY_KINDS?.split(delimiter).filter(Boolean),
    isolation: environment.MAYFLY_ISOLATION,
    standby: environment.MAYFLY_STANDBY,
    credentials: environment.CREDENTIALS_DIRECTORY,
    'master-key': environment.MAYFLY_MASTER_KEY,
    'passphrase-fd': environment.MAYFLY_PASSPHRASE_FD,
    'allow-secrets-in-commands': toBoolean('MAYFLY_ALLOW_SECRETS_IN_COMMANDS', environment),
  }
}

export function fromText(written: Written): Partial<Config> {
  const { host, port, data, kinds, isolation, standby, credentials } = written
  const { 'master-key': masterKey, 'passphrase-fd': passphraseFd } = written
  const { 'forget-secrets': forgetSecrets, 'allow-secrets-in-commands': allowSecretsInCommands } = written
  return {
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port: toNumber('port', port) }),
    ...(data !== undefined && { data }),
    ...(kinds !== undefined && { kinds: [...kinds] }),
    ...(isolation !== undefined && { isolation: toIsolation(isolation) }),
    ...(standby !== undefined && { standby: toNumber('standby', standby) }),
    ...(credentials !== undefined && { credentials }),
    ...(masterKey !== undefined && { masterKey }),
    ...(passphraseFd !== undefined && { passphraseFd: toNumber('passphrase-fd', passphraseFd) }),
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
