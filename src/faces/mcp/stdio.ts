import { once } from 'node:events'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import { isJSONRPCRequest, type JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js'
import { type Mayfly, MayflyError } from '../../client/client.ts'
import { connect } from './connect.ts'
import { buildMcpServer } from './server.ts'

interface Streams {
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
}

/** Serves whoever holds the standard input, until that ends; what was asked before is answered. */
export async function serveStdio(client: Mayfly, { stdin, stdout, stderr }: Streams): Promise<void> {
  const over = new AbortController()
  const onFault = (error: unknown) =>
    stderr.write(`mayfly: ${error instanceof Error ? error.message : String(error)}\n`)
  const server = buildMcpServer({ client, over: over.signal, onFault })
  const ended = once(stdin, 'end')
  const transport = new AnsweringTransport(stdin, stdout)
  await connect(server, transport)
  await ended
  over.abort(new MayflyError('STOPPING', 'the input has ended, so nobody is waited for any more'))
  await transport.answered()
  await server.close()
}

/** What was called off gets no answer. */
function isCancelled(message: JSONRPCMessage): message is JSONRPCMessage & { params: { requestId: string | number } } {
  return 'method' in message && message.method === 'notifications/cancelled' && message.params?.requestId !== undefined
}

/** One that knows what it owes. */
class AnsweringTransport extends StdioServerTransport {
  readonly #owed = new Set<string | number>()
  readonly #done = Promise.withResolvers<void>()
  #isLast = false

  override async start(): Promise<void> {
    const hear = this.onmessage
    this.onmessage = (message) => {
      if (isJSONRPCRequest(message)) this.#owed.add(message.id)
      else if (isCancelled(message)) this.#owed.delete(message.params.requestId)
      hear?.(message)
    }
    await super.start()
  }

  override async send(message: JSONRPCMessage): Promise<void> {
    await super.send(message)
    if ('id' in message && !('method' in message) && message.id !== undefined) this.#owed.delete(message.id)
    this.#look()
  }

  /** Resolves when everything has been answered that was asked. */
  answered(): Promise<void> {
    this.#isLast = true
    this.#look()
    return this.#done.promise
  }

  #look(): void {
    if (this.#isLast && this.#owed.size === 0) this.#done.resolve()
  }
}
