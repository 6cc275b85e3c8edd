/** Where the server is and with which token to ask it: flags > environment > what a server on this machine left > defaults. */
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { CommandError, EXIT, UsageError } from './exit.ts'
import type { Pipeline } from './pipeline/pipeline.ts'

/** The flags that every command takes. */
export interface CommonOptions {
  readonly json?: boolean
  readonly url?: string
  readonly token?: string
  readonly data?: string
  readonly tenant?: string
  /** Of commands that have it: what reads the log, whatever the environment says. */
  readonly ci?: Pipeline
}

interface Setting {
  readonly value: string
  /** Where it comes from, for people. */
  readonly source: string
}

export interface ClientSettings {
  readonly url: Setting
  /** Undefined when there is none for that address. */
  readonly token: Setting | undefined
  readonly data: Setting
  readonly tenant: Setting | undefined
  /** Somebody named a server, so that no other one will do. */
  readonly isNamed: boolean
  /** It is the one that keeps its data here, as it said itself. */
  readonly isOwn: boolean
}

type Environment = Readonly<Record<string, string | undefined>>

const defaultUrl = 'http://127.0.0.1:7070'

export function readClientSettings(options: CommonOptions, env: Environment): ClientSettings {
  const data = given(options.data, '--data', env.MAYFLY_DATA, 'MAYFLY_DATA') ?? { value: '.mayfly', source: 'default' }
  const directory = resolve(data.value)
  const named = given(options.url, '--url', env.MAYFLY_URL, 'MAYFLY_URL')
  const left = fileOf(directory, 'url')
  const url = checked(named ?? left ?? { value: defaultUrl, source: 'default' })
  const isOwn = left !== undefined && URL.parse(left.value)?.href === new URL(url.value).href
  const own = given(options.token, '--token', env.MAYFLY_TOKEN, 'MAYFLY_TOKEN')
  return {
    url,
    data: { ...data, value: directory },
    // The token of our own server is not for strangers: any program may listen on a port of this machine.
    token: own ?? (isOwn ? fileOf(directory, 'admin-token') : undefined),
    tenant: given(options.tenant, '--tenant', env.MAYFLY_TENANT, 'MAYFLY_TENANT'),
    isNamed: named !== undefined,
    isOwn,
  }
}

/** The token, or the sentence that says how to give one. */
export function tokenOf({ token, url, data, isOwn, isNamed }: ClientSettings): string {
  if (token) return token.value
  if (!isOwn && !isNamed) {
    throw new CommandError(
      `no server has its data in ${data.value}: start one there with \`mayfly serve\`, name its directory with --data, ` +
        'or name a server with --url and its token with MAYFLY_TOKEN',
      EXIT.UNREACHABLE,
    )
  }
  const found = isOwn
    ? `none is readable in ${data.value}: set MAYFLY_TOKEN`
    : `the one in ${data.value} is not sent elsewhere: start the server there, name its directory with --data, or set MAYFLY_TOKEN`
  throw new CommandError(`no token for ${url.value}: ${found}`, EXIT.UNREACHABLE)
}

function given(
  flag: string | undefined,
  flagName: string,
  variable: string | undefined,
  name: string,
): Setting | undefined {
  if (flag !== undefined) return { value: flag, source: flagName }
  return variable ? { value: variable, source: name } : undefined
}

function fileOf(directory: string, name: string): Setting | undefined {
  const path = join(directory, name)
  try {
    const value = readFileSync(path, 'utf8').trim()
    return value === '' ? undefined : { value, source: path }
  } catch {
    return undefined
  }
}

function checked(url: Setting): Setting {
  const parsed = URL.parse(url.value)
  if (parsed && /^https?:$/.test(parsed.protocol)) return url
  throw new UsageError(`${url.source} must be an address such as ${defaultUrl}, not ${url.value}`)
}
