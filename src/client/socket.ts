import type { Ticket } from '../contract/ticket.ts'
import type { Rest } from './rest.ts'

const protocol = 'mayfly.v1'

/** A WebSocket on its way to open. Where it can send no header, as in browsers, a ticket stands for the token. */
export async function socketOf(rest: Rest): Promise<WebSocket> {
  if (rest.streamsWith === 'token')
    return new WebSocket(addressOf(rest), { protocols: protocol, headers: await rest.headers() })
  const { ticket } = await rest.json<Ticket>('POST', 'v1/stream/tickets')
  const Socket = rest.Socket ?? WebSocket
  return new Socket(addressOf(rest, { ticket }), protocol)
}

function addressOf(rest: Rest, query: { readonly ticket?: string } = {}): URL {
  const url = rest.urlOf('v1/stream', query)
  url.protocol = url.protocol.replace('http', 'ws')
  return url
}
