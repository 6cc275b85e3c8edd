import { closed, Moment } from './fragments.ts'
import { type Static, Type } from './schema.ts'

/** What a browser opens `/v1/stream?ticket=` with. */
export const Ticket = closed(
  { ticket: Type.String({ description: 'opens one stream, once' }), expiresAt: Moment },
  'A pass to one stream, for whoever cannot send a token with a WebSocket',
)

export type Ticket = Static<typeof Ticket>
