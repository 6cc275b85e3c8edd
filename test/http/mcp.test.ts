import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ServerDeps } from '../../src/http/deps.ts'
import { type Edge, startEdge, tokens } from './fixtures/edge.ts'
import { sendRaw } from './fixtures/raw.ts'

let edge: Edge
let calls: Parameters<ServerDeps['mcp']>[0][] = []
let isOver: Promise<void>
/** Resolves when answers may be given. */
let go: Promise<void> = Promise.resolve()

const mcp: ServerDeps['mcp'] = async (call) => {
  calls.push(call)
  const { promise, resolve } = Promise.withResolvers<void>()
  isOver = promise
  await go
  return {
    response: new Response('data: {}\n\n', { headers: { 'content-type': 'text/event-stream' } }),
    close: resolve,
  }
}

beforeAll(async () => {
  edge = await startEdge({ allowedOrigins: ['https://ci.example.com'], mcp, limits: { mcpCallsPerTenant: 2 } })
})
afterAll(() => edge.stop())

const message = { jsonrpc: '2.0', id: 1, method: 'ping' }

async function post(headers: Record<string, string> = {}, body: string | undefined = JSON.stringify(message)) {
  return edge.call('/mcp', {
    method: 'POST',
    body,
    headers: { accept: 'application/json, text/event-stream', ...headers },
  })
}

beforeEach(() => {
  calls = []
})

describe('/mcp', () => {
  it('hands on what was asked with its own credential, and says when the answer has been read', async () => {
    const response = await post({ 'mcp-protocol-version': '2025-11-25', cookie: 'x=y' })
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream'])
    expect(await response.text()).toBe('data: {}\n\n')
    await isOver
    expect(calls).toMatchObject([{ message, token: tokens.acme, tenant: undefined, url: edge.url }])
    expect(Object.fromEntries(calls[0]?.request.headers ?? [])).toEqual({
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      'mcp-protocol-version': '2025-11-25',
    })
    await (await post({ authorization: `Bearer ${tokens.admin}`, 'mayfly-tenant': 'other' })).text()
    expect(calls.slice(1)).toMatchObject([{ token: tokens.admin, tenant: 'other' }])
  })

  it.each([
    ['without a body', {}, '', 400, 'BAD_REQUEST'],
    ['of several', {}, JSON.stringify([message, message]), 400, 'BAD_REQUEST'],
    ['that is not JSON', {}, '{', 400, 'BAD_REQUEST'],
    ['that is poisoned', {}, '{"__proto__":{"x":1}}', 400, 'BAD_REQUEST'],
    ['that is too large', {}, JSON.stringify('x'.repeat(1024 * 1024)), 413, 'TOO_LARGE'],
    ['that is text', { 'content-type': 'text/plain' }, 'ping', 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['from a foreign page', { origin: 'https://evil.example.com' }, undefined, 403, 'FORBIDDEN'],
    ['with a wrong token', { authorization: 'Bearer wrong' }, undefined, 401, 'UNAUTHORIZED'],
  ])('refuses a message %s', async (_what, headers, body, status, code) => {
    const response = await post(headers, body)
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([status, code])
    expect(calls).toEqual([])
  })

  it('answers pages that are allowed and its own, but none whose name only leads here', async () => {
    for (const origin of ['https://ci.example.com', edge.url]) {
      expect(await (await post({ origin })).text()).toBe('data: {}\n\n')
    }
    const head = `POST /mcp HTTP/1.1\r\nHost: evil.example.com\r\nOrigin: http://evil.example.com\r\n`
    const rest = `Authorization: Bearer ${tokens.acme}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`
    expect(await sendRaw(edge.url, head + rest)).toMatch(/^HTTP\/1.1 403 [\s\S]*may not ask here/)
  })

  it.each(['GET', 'DELETE'])('has no sessions to %s', async (method) => {
    const response = await edge.call('/mcp', { method, headers: { accept: 'text/event-stream' } })
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
  })

  it('bounds what a tenant has under way', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    go = promise
    const both = Promise.all([post(), post()])
    await expect.poll(() => calls.length).toBe(2)
    const third = await post()
    expect([third.status, third.headers.get('retry-after')]).toEqual([429, '1'])
    resolve()
    for (const response of await both) await response.text()
    await isOver
    expect(await (await post()).text()).toBe('data: {}\n\n')
  })
})
