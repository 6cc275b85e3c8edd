import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js'
import { Mayfly } from '../../client/client.ts'
import type { Serving } from './call.ts'
import { connect } from './connect.ts'
import { buildMcpServer } from './server.ts'

export interface HttpCall {
  readonly request: Request
  /** Its body, read and parsed. */
  readonly message: unknown
  /** Where the API is, and whose credential the call came with. */
  readonly url: string
  readonly token: string
  readonly tenant: string | undefined
  /** Aborted when the server stops. */
  readonly over: AbortSignal
  readonly onFault: Serving['onFault']
}

export interface HttpAnswer {
  readonly response: Response
  /** To be called when the answer has been read, or never will be. */
  close(): void
}

/** One message and its answer. There are no sessions: each message comes with its credential, and nothing is kept. */
export async function answerOverHttp({
  request,
  message,
  url,
  token,
  tenant,
  over,
  onFault,
}: HttpCall): Promise<HttpAnswer> {
  const server = buildMcpServer({ client: new Mayfly({ url, token, tenant }), over, onFault })
  const transport = new WebStandardStreamableHTTPServerTransport()
  await connect(server, transport)
  const response = await transport.handleRequest(request, { parsedBody: message })
  return { response, close: () => void server.close().catch(onFault) }
}
