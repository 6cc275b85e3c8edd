import type { Pool } from '../task/task.ts'

/** What a token lets its bearer do. */
export type Role = 'admin' | 'tenant'

/** Who is asking: always taken from the token, never from a request's content. */
export interface Credential {
  readonly tenant: string
  readonly role: Role
  /**
   * Whose token was used, for the audit log: `admin` for the one in the data directory; issuer, subject and the beginning
   * of its digest for an identity token.
   */
  readonly tokenId: string
  /** The only pools that it may use, whatever a kind's own is. Without them, a kind's own and those below it. */
  readonly pools?: readonly Pool[]
  /** The only kinds that it may submit. */
  readonly kinds?: readonly string[]
  /** It may submit tasks that read directories of the machine. */
  readonly mayReadPaths?: boolean
}

/** What a request brings along: its Authorization header, and the tenant it wants to act for. */
export interface Presented {
  readonly authorization: string | undefined
  readonly actFor: string | undefined
}

/** Turns what was presented into a credential, at once where nobody else has to be asked. Throws a Refusal. */
export type Authenticate = (presented: Presented) => Credential | Promise<Credential>
