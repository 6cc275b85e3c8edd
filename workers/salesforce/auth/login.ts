/** The login of an org as people store it: a `force://` URL, or JSON with a `kind`. */
import { FatalError } from '../../errors/steering.ts'
import { isThisMachine, safeOrigin } from './origin.ts'

export type Login =
  | { readonly kind: 'accessToken'; readonly accessToken: string; readonly instanceUrl: string }
  | {
      readonly kind: 'jwt'
      readonly clientId: string
      readonly username: string
      readonly privateKeyPem: string
      readonly loginUrl: string
      /** Whom the assertion is meant for; by the login URL where left out. */
      readonly audience?: string
    }
  | {
      readonly kind: 'refreshToken'
      readonly clientId: string
      readonly clientSecret?: string
      readonly refreshToken: string
      /** What a rotation has replaced: tried once when the new one is refused. */
      readonly previousRefreshToken?: string
      readonly loginUrl: string
    }
  | {
      readonly kind: 'clientCredentials'
      readonly clientId: string
      readonly clientSecret: string
      /** The org's own domain. */
      readonly loginUrl: string
    }
  | { readonly kind: 'password'; readonly username: string; readonly password: string; readonly loginUrl: string }

const defaultLoginUrl = 'https://login.salesforce.com'

/** Members by kind: those that must be there, and those that may. */
const members = {
  accessToken: { needs: ['accessToken', 'instanceUrl'], may: [] },
  jwt: { needs: ['clientId', 'username', 'privateKeyPem'], may: ['loginUrl', 'instanceUrl', 'audience'] },
  refreshToken: {
    needs: ['clientId', 'refreshToken'],
    may: ['clientSecret', 'previousRefreshToken', 'loginUrl', 'instanceUrl'],
  },
  clientCredentials: { needs: ['clientId', 'clientSecret', 'instanceUrl'], may: ['loginUrl'] },
  password: { needs: ['username', 'password'], may: ['securityToken', 'loginUrl', 'instanceUrl'] },
  sfdxAuthUrl: { needs: ['url'], may: [] },
} as const

type Given = Readonly<Partial<Record<string, string>>>

/** Throws with what is wrong with it, and never with what it holds. */
export function readLogin(text: string): Login {
  const trimmed = text.trim()
  if (trimmed.startsWith('force://')) return ofForceUrl(trimmed)
  const given = fieldsOf(trimmed)
  const kind = given.kind ?? 'missing'
  if (!Object.hasOwn(members, kind))
    throw unusable(`its "kind" is none of ${Object.keys(members).join(', ')}: say which one it is`)
  const { needs, may } = members[kind as keyof typeof members]
  const missing = needs.filter((name) => !given[name])
  if (missing.length > 0) throw unusable(`one of kind ${kind} needs ${missing.join(' and ')}`)
  const stray = Object.keys(given).find((name) => name !== 'kind' && ![...needs, ...may].some((one) => one === name))
  if (stray !== undefined) throw unusable(`one of kind ${kind} has no ${stray}, but ${[...needs, ...may].join(', ')}`)
  return kind === 'sfdxAuthUrl' ? ofForceUrl(given.url ?? '') : ofFields(kind as Login['kind'], given)
}

function fieldsOf(text: string): Given {
  const isText = (value: unknown) => typeof value === 'string'
  try {
    const given: unknown = JSON.parse(text)
    if (typeof given === 'object' && given !== null && Object.values(given).every(isText)) return given as Given
  } catch {
    // What the parser says of it would show it.
  }
  throw unusable('it is neither a force:// URL nor a JSON object of strings')
}

function ofFields(
  kind: Login['kind'],
  { kind: _kind, instanceUrl, loginUrl, securityToken = '', ...given }: Given,
): Login {
  if (kind === 'accessToken') return { kind, accessToken: given.accessToken ?? '', instanceUrl: urlOf(instanceUrl) }
  const url = urlOf(loginUrl ?? instanceUrl ?? defaultLoginUrl)
  if (kind === 'password') {
    return { kind, username: given.username ?? '', password: `${given.password}${securityToken}`, loginUrl: url }
  }
  return { kind, ...given, loginUrl: url } as Login
}

/** As the tools of Salesforce write and read it. */
const forceUrl =
  /^force:\/\/([a-zA-Z0-9._-]+={0,2}):([a-zA-Z0-9._-]*={0,2}):([a-zA-Z0-9._-]+={0,2})@([a-zA-Z0-9:._-]+)$/

function ofForceUrl(url: string): Login {
  const [, clientId = '', clientSecret, refreshToken, host] = forceUrl.exec(url.replace(/\/$/, '')) ?? []
  if (refreshToken === undefined || host === undefined)
    throw unusable(
      'a force URL is force://<clientId>:<clientSecret>:<refreshToken>@<host>, as "sf org auth show-sfdx-auth-url" shows it',
    )
  const loginUrl = urlOf(`${isThisMachine(host.replace(/:\d+$/, '')) ? 'http' : 'https'}://${host}`)
  return { kind: 'refreshToken', clientId, ...(clientSecret && { clientSecret }), refreshToken, loginUrl }
}

/** Without a slash at its end. */
function urlOf(given?: string): string {
  const origin = safeOrigin(given)
  if (origin !== undefined) return origin
  throw unusable('its loginUrl or instanceUrl is no https URL: it looks like https://example.my.salesforce.com')
}

function unusable(why: string): FatalError {
  return new FatalError(`the login that is stored for the org cannot be used: ${why}`, { code: 'AUTH_CONFIG' })
}
