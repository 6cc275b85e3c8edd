/** What a token lets its bearer do. */
export type Role = 'admin' | 'tenant'

/** Who is asking: always taken from the token, never from a request's content. */
export interface Credential {
  readonly tenant: string
  readonly role: Role
}

/** What a request brings along: its Authorization header, and the tenant it wants to act for. */
export interface Presented {
  readonly authorization: string | undefined
  readonly actFor: string | undefined
}

/** Turns what was presented into a credential, or throws a Refusal. */
export type Authenticate = (presented: Presented) => Credential
