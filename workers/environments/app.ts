/** The connected app by which new orgs are opened: the secret `org/<org>/app`, or the one that all of them know. */
import type { Context } from '../context.ts'
import { FatalError } from '../errors/steering.ts'
import type { EnvInput } from './input.ts'
import { commonApp } from './scratch.ts'

export interface App {
  readonly clientId: string
  readonly clientSecret?: string
  /** Then the new org is opened by a JWT, and its login holds this key. */
  readonly privateKeyPem?: string
}

/** Never says what the secret holds. */
export function appOf({ secrets, input }: Context<EnvInput>): App {
  if (!secrets.names.includes('app')) return { clientId: commonApp.clientId }
  try {
    const given = JSON.parse(secrets.text('app')) as Partial<Record<keyof App, unknown>>
    const isFine = (value: unknown) => value === undefined || (typeof value === 'string' && value !== '')
    const { clientId, clientSecret, privateKeyPem } = given
    if (typeof clientId === 'string' && isFine(clientId) && isFine(clientSecret) && isFine(privateKeyPem))
      return given as App
  } catch {
    // What the parser says of it would show it.
  }
  throw new FatalError(
    `the secret org/${input.org}/app cannot be used: it is JSON with clientId, and clientSecret or privateKeyPem`,
    { code: 'AUTH_CONFIG' },
  )
}
