import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newTaskId } from '../../src/system/ids.ts'
import { type Edge, startEdge, tokens } from './fixtures/edge.ts'

let edge: Edge

beforeAll(async () => {
  edge = await startEdge({
    limits: { requestMs: 400 },
    async receiveUpload(tenant, chunks) {
      let bytes = 0
      for await (const chunk of chunks) bytes += chunk.length
      return { id: newTaskId(), tenant, bytes, sha256: '', at: 0 }
    },
  })
})
afterAll(() => edge.stop())

/** Sends a body of six characters over more than twice the time that a request may take. */
async function trickle(path: string): Promise<IncomingMessage> {
  const headers = { authorization: `Bearer ${tokens.acme}`, 'content-type': 'application/json', 'content-length': 6 }
  const sending = request(`${edge.url}${path}`, { method: 'POST', headers })
  const response = once(sending, 'response')
  sending.on('error', () => {})
  for (const character of '"slow"') {
    sending.write(character)
    await Promise.race([setTimeout(150), response])
  }
  sending.end()
  const [answer] = (await response) as [IncomingMessage]
  answer.resume()
  return answer
}

describe('a body that comes slowly', () => {
  it('is cut off where bodies are small', async () => {
    expect((await trickle('/v1/tasks')).statusCode).toBe(400)
  })

  it('is waited for where it may be large', async () => {
    expect((await trickle('/v1/uploads')).statusCode).toBe(201)
  })
})
