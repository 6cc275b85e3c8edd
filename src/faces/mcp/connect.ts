import type { Server } from '@modelcontextprotocol/sdk/server/index.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'

/** The SDK's transports leave members undefined that its own interface wants left out: the same to whoever runs them. */
export function connect(server: Server, transport: Omit<Transport, 'sessionId' | 'onclose' | 'onerror' | 'onmessage'>) {
  return server.connect(transport as Transport)
}
