import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Mayfly } from '../../src/client/client.ts'
import { type Edge, startEdge, tokens } from '../http/fixtures/edge.ts'

let edge: Edge
let client: Mayfly

beforeAll(async () => {
  edge = await startEdge()
  client = new Mayfly({ url: edge.url, token: tokens.acme })
})

afterAll(() => edge.stop())

const request = { kind: 'exec', input: {} }

describe('the client', () => {
  it('submits, shows, lists and cancels', async () => {
    const { id } = await client.submit({ ...request, labels: { mark: 'one' } })
    expect((await client.get(id)).labels).toEqual({ mark: 'one' })
    expect((await client.cancel(id, 'no longer needed')).state).toBe('cancelled')
    expect((await client.events(id)).items.map(({ type }) => type)).toEqual(['task.queued', 'task.cancelled'])
  })

  it('explains why a task waits', async () => {
    const { id } = await client.submit(request)
    const explanation = await client.explain(id)
    expect(explanation).toMatchObject({
      state: 'queued',
      waits: [{ until: null }],
      estimate: { endAt: expect.any(String) },
    })
    await client.cancel(id)
    expect(await client.explain(id)).toMatchObject({ state: 'cancelled', estimate: null, blockedBy: [] })
    await expect(client.explain('nothing')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('lists over all pages', async () => {
    const ids: string[] = []
    for (let count = 0; count < 5; count++)
      ids.unshift((await client.submit({ ...request, labels: { mark: 'pages' } })).id)
    const found: string[] = []
    for await (const { id } of client.list({ label: 'mark:pages', limit: 2 })) found.push(id)
    expect(found).toEqual(ids)
  })

  it('reads a log as it is, whatever its characters', async () => {
    const { id } = await client.submit(request)
    const lines = Array.from({ length: 2_000 }, (_, line) => `${line} – 🎉 ü`)
    await edge.emit(id, ...lines.map((text) => ({ stream: 'stdout', text })))
    let text = ''
    for await (const piece of client.log(id)) text += piece
    expect(text).toBe(`${lines.join('\n')}\n`)
  })

  it('acts for the tenant it is told to, with a token that may', async () => {
    const { id } = await client.submit(request)
    const admin = (tenant?: string) => new Mayfly({ url: edge.url, token: tokens.admin, tenant })
    await expect(admin().get(id)).rejects.toMatchObject({ code: 'NOT_FOUND', status: 404 })
    expect((await admin('acme').get(id)).id).toBe(id)
  })

  it('reads what was done, with an admin token', async () => {
    const admin = new Mayfly({ url: edge.url, token: tokens.admin })
    const { id } = await admin.tokens.create({ tenant: 'acme', role: 'tenant' })
    const { value } = await admin.audit.list({ tenant: 'acme', limit: 1 }).next()
    expect(value).toMatchObject({ tenant: 'acme', subject: id })
    await expect(client.audit.list().next()).rejects.toMatchObject({ code: 'FORBIDDEN' })
  })

  it('says whether the server is well', async () => {
    expect(await client.health()).toEqual({ status: 'ok' })
    expect((await client.ready()).ready).toBe(true)
  })

  it('works behind a path', async () => {
    const server = createServer((request, response) => response.end(JSON.stringify({ at: request.url }))).listen(0)
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mayfly`
    expect(await new Mayfly({ url, token: 't' }).health()).toEqual({ at: '/mayfly/healthz' })
    server.close()
  })
})

describe('what goes wrong', () => {
  it.each([
    { what: 'nobody listens', url: 'http://127.0.0.1:9', code: 'UNREACHABLE', says: '127.0.0.1:9' },
    { what: 'there is no such machine', url: 'http://nowhere.invalid', code: 'UNREACHABLE', says: 'nowhere.invalid' },
  ])('is UNREACHABLE where $what', async ({ url, code, says }) => {
    const get = new Mayfly({ url, token: 't' }).get('id')
    await expect(get).rejects.toMatchObject({ code, status: null, message: expect.stringContaining(says) })
  })

  it.each([
    { what: 'an error page', status: 502, body: '<html>', code: 'UNEXPECTED' },
    { what: 'a page', status: 200, body: '<html>', code: 'UNEXPECTED' },
  ])('is UNEXPECTED where $what answers', async ({ status, body, code }) => {
    const server = createServer((_request, response) => response.writeHead(status).end(body)).listen(0)
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    await expect(new Mayfly({ url, token: 't' }).get('id')).rejects.toMatchObject({ code, status })
    server.close()
  })

  it.each<{ what: string; ask: (client: Mayfly) => Promise<unknown>; body: string | undefined }>([
    { what: 'no answer', ask: (client) => client.cancel('id'), body: undefined },
    { what: 'no readiness', ask: (client) => client.ready(), body: undefined },
    { what: 'half a readiness', ask: (client) => client.ready(), body: '{' },
    { what: 'half an answer to an upload', ask: (client) => client.uploads.add(new Uint8Array(9)), body: '{' },
  ])('is UNREACHABLE where $what comes in time', async ({ ask, body }) => {
    const server = createServer((_request, response) => body && response.writeHead(200).write(body)).listen(0)
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    await expect(ask(new Mayfly({ url, token: 't', answerMs: 100 }))).rejects.toMatchObject({ code: 'UNREACHABLE' })
    server.closeAllConnections()
    server.close()
  })

  it.each<{ what: string; ask: (client: Mayfly) => Promise<unknown> }>([
    { what: 'readiness', ask: (client) => client.ready() },
    { what: 'an upload', ask: (client) => client.uploads.add(new Uint8Array(9)) },
  ])('is UNEXPECTED where a page answers $what', async ({ ask }) => {
    const server = createServer((request, response) => request.resume().on('end', () => response.end('<html>')))
    const url = `http://127.0.0.1:${(server.listen(0).address() as AddressInfo).port}`
    await expect(ask(new Mayfly({ url, token: 't' }))).rejects.toMatchObject({ code: 'UNEXPECTED', status: 200 })
    server.close()
  })

  it('sends an upload for longer than an answer may take', async () => {
    const server = createServer((request, response) => request.resume().on('end', () => response.end('{"id":"u"}')))
    const url = `http://127.0.0.1:${(server.listen(0).address() as AddressInfo).port}`
    const slow = async function* () {
      yield new Uint8Array(1)
      await new Promise((resolve) => setTimeout(resolve, 1_500))
      yield new Uint8Array(1)
    }
    const body = ReadableStream.from(slow()) as ReadableStream<Uint8Array>
    expect(await new Mayfly({ url, token: 't', answerMs: 1_000 }).uploads.add(body)).toEqual({ id: 'u' })
    server.close()
  })

  it('is a refusal with the server’s code, status and sentence', async () => {
    const wrong = { kind: 'NOT A KIND', input: {} }
    const error = { code: 'BAD_REQUEST', status: 400, message: expect.stringContaining('kind must be') }
    await expect(client.submit(wrong)).rejects.toMatchObject(error)
  })

  it('ends with the reason of an abort', async () => {
    await expect(client.get('id', { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough')
  })
})
