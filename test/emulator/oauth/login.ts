import type { EmulatedOrg } from '../org.ts'

export type LoginKind = 'accessToken' | 'jwt' | 'refreshToken' | 'clientCredentials' | 'password' | 'sfdxAuthUrl'

/** The only password there is. */
export const password = 'pa$$word1'

export function loginOf(org: EmulatedOrg, kind: LoginKind): string {
  const { clientId, clientSecret } = org.sessions.app
  const grant = { userId: org.userId, clientId }
  if (kind === 'sfdxAuthUrl') {
    return `force://${clientId}:${clientSecret}:${org.sessions.makeRefreshToken(grant)}@${new URL(org.url).host}`
  }
  return JSON.stringify({ kind, ...fieldsOf(org, kind) })
}

function fieldsOf(org: EmulatedOrg, kind: Exclude<LoginKind, 'sfdxAuthUrl'>): Record<string, string> {
  const { clientId, clientSecret } = org.sessions.app
  const grant = { userId: org.userId, clientId }
  switch (kind) {
    case 'accessToken':
      return { accessToken: org.sessions.open(grant).token, instanceUrl: org.url }
    case 'jwt':
      return { clientId, username: org.username, privateKeyPem: org.sessions.keys.privateKey, loginUrl: org.url }
    case 'refreshToken':
      return { clientId, clientSecret, refreshToken: org.sessions.makeRefreshToken(grant), loginUrl: org.url }
    case 'clientCredentials':
      return { clientId, clientSecret, instanceUrl: org.url }
    case 'password':
      return { username: org.username, password, loginUrl: org.url }
  }
}
