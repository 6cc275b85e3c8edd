import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { guardOf } from '../../src/contract/check.ts'
import { Ticket } from '../../src/contract/ticket.ts'
import { openStream, refusedUpgrade } from './fixtures/client.ts'
import { type Edge, startEdge, tokenIds, tokens } from './fixtures/edge.ts'

const page = 'https://ci.example.com'

let edge: Edge
beforeAll(async () => {
  edge = await startEdge({ allowedOrigins: [page] })
})
afterAll(() => edge.stop())

async function ticketFor(token: string): Promise<string> {
  const response = await edge.call('/v1/stream/tickets', { method: 'POST', token })
  expect(response.status).toBe(201)
  const body = await response.json()
  expect(guardOf(Ticket)(body)).toBe(true)
  return (body as Ticket).ticket
}

/** As browsers do: no header of ours, and the origin of the page. */
const asBrowser = { origin: page }

describe('a stream with a ticket', () => {
  it('is one of the tenant that got the ticket, and the ticket opens no other', async () => {
    const ticket = await ticketFor(tokens.acme)
    const stream = await openStream(edge.url, '', asBrowser, ticket)
    stream.send({ type: 'submit', ref: 'a', task: { kind: 'lint', input: {} } })
    const { task } = await stream.get('accepted')
    expect(task.tenant).toBe('acme')
    expect(await refusedUpgrade(edge.url, '', asBrowser, ticket)).toBe(401)
    stream.socket.close()
  })

  it('is ended with the token that got the ticket', async () => {
    const stream = await openStream(edge.url, '', asBrowser, await ticketFor(tokens.other))
    const unused = await ticketFor(tokens.other)
    await edge.access.tokens.revoke({ tenant: 'default', role: 'admin', tokenId: 'admin' }, tokenIds.other)
    expect(await stream.closed).toBe(4401)
    expect(await refusedUpgrade(edge.url, '', asBrowser, unused)).toBe(401)
  })

  it('is of the tenant that an admin acted for', async () => {
    const headers = { authorization: `Bearer ${tokens.admin}`, 'mayfly-tenant': 'acme' }
    const response = await fetch(`${edge.url}/v1/stream/tickets`, { method: 'POST', headers })
    const stream = await openStream(edge.url, '', asBrowser, ((await response.json()) as Ticket).ticket)
    stream.send({ type: 'submit', ref: 'a', task: { kind: 'lint', input: {} } })
    expect((await stream.get('accepted')).task.tenant).toBe('acme')
    stream.socket.close()
  })

  it('is refused to a page that nobody allowed, which leaves the ticket unused', async () => {
    const ticket = await ticketFor(tokens.acme)
    expect(await refusedUpgrade(edge.url, '', { origin: 'https://evil.example.com' }, ticket)).toBe(403)
    const stream = await openStream(edge.url, '', asBrowser, ticket)
    stream.socket.close()
  })

  it('is open to our own pages', async () => {
    const stream = await openStream(edge.url, '', { origin: edge.url }, await ticketFor(tokens.acme))
    stream.socket.close()
  })

  it.each(['', 'x', '%00', '__proto__'])('is refused for the ticket %j', async (ticket) => {
    expect(await refusedUpgrade(edge.url, '', asBrowser, ticket)).toBe(401)
  })

  it('is the only thing that a ticket opens', async () => {
    const ticket = await ticketFor(tokens.acme)
    for (const path of ['/v1/tasks', '/v1/secrets']) {
      expect((await fetch(`${edge.url}${path}?ticket=${ticket}`)).status, path).toBe(401)
    }
    expect(await refusedUpgrade(edge.url, ticket)).toBe(401)
  })
})

describe('a page of an allowed origin', () => {
  const preflight = (origin: string) =>
    fetch(`${edge.url}/v1/tasks`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type,idempotency-key',
      },
    })

  it('may ask over REST, and read what is refused', async () => {
    const asked = await preflight(page)
    expect([asked.status, asked.headers.get('access-control-allow-origin')]).toEqual([204, page])
    expect(asked.headers.get('access-control-allow-headers')).toContain('idempotency-key')
    expect(asked.headers.get('access-control-allow-credentials')).toBeNull()
    const refused = await fetch(`${edge.url}/v1/tasks`, { headers: { origin: page } })
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([401, page])
  })

  it('is the only one that may', async () => {
    for (const origin of ['https://evil.example.com', 'null', `${page}.evil.example.com`]) {
      expect((await preflight(origin)).headers.get('access-control-allow-origin'), origin).toBeNull()
    }
  })
})
