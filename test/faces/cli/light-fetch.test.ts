import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as rest } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Answer, Asked } from '../../../src/client/asking.ts'
import { lightFetch, lightFetchWith } from '../../../src/faces/cli/light-fetch.ts'

let server: Server
let answer: RequestListener

beforeEach(async () => {
  server = createServer((request, response) => answer(request, response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
})

afterEach(() => {
  server.closeAllConnections()
  server.close()
})

const address = (path = '/') => new URL(path, `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
const get: Asked = { method: 'GET', headers: {} }

/** What a server hears, and what of the answer is looked at. */
const echo: RequestListener = async (request, response) => {
  response.writeHead(201, { 'X-One': 'a', 'set-cookie': ['b', 'c'] })
  response.end(`${request.method} ${request.url} ${request.headers.authorization} ${await text(request)}`)
}

const seen = async (answer: Answer) => ({
  ok: answer.ok,
  status: answer.status,
  headers: ['x-one', 'X-ONE', 'content-type', '__proto__'].map((name) => answer.headers.get(name)),
  text: await answer.text(),
})

describe('what a command asks without Node’s own client', () => {
  it.each<[string, Partial<Asked>]>([
    ['nothing', {}],
    ['text', { method: 'POST', body: '{"é":1}' }],
    ['bytes', { method: 'POST', body: new Uint8Array([65, 66]) }],
    ['a stream', { method: 'POST', body: new Blob(['streamed']).stream(), duplex: 'half' }],
  ])('arrives and is answered as with it: %s', async (_, part) => {
    answer = echo
    const asked = { ...get, headers: { authorization: 'Bearer t' }, ...part }
    const again = asked.body instanceof ReadableStream ? { body: new Blob(['streamed']).stream() } : {}
    expect(await seen(await lightFetch(address('/a?b=c'), asked))).toEqual(
      await seen(await fetch(address('/a?b=c'), { ...asked, ...again })),
    )
  })

  it.each([204, 400, 503])('tells of the status %i', async (status) => {
    answer = (_, response) => response.writeHead(status).end()
    expect(await lightFetch(address(), get)).toMatchObject({ status, ok: status === 204 })
  })

  it('is asked again where the answer sends it, with what was sent, and without the token elsewhere', async () => {
    answer = (_, response) => response.writeHead(307, { location: `http://localhost:${address().port}/there` }).end()
    server.prependListener('request', (request) => {
      if (request.url === '/there') answer = echo
    })
    const asked = { method: 'POST', headers: { authorization: 'Bearer t' }, body: 'sent' }
    expect(await (await lightFetch(address('/here'), asked)).text()).toBe('POST /there undefined sent')
  })

  it('gives a body as it comes', async () => {
    answer = (_, response) => {
      response.write('first')
    }
    const { body } = await lightFetch(address(), get)
    const reader = body?.getReader()
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe('first')
    await reader?.cancel()
  })

  it('fails where nothing listens, with the reason', async () => {
    const gone = address()
    server.close()
    await expect(lightFetch(gone, get)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('fails where the answer breaks off, for who reads it whole and for who reads its parts', async () => {
    answer = (_, response) => {
      response.writeHead(200, { 'content-length': 10 }).write('half', () => response.destroy())
    }
    await expect((await lightFetch(address(), get)).text()).rejects.toMatchObject({ code: 'ECONNRESET' })
    const { body } = await lightFetch(address(), get)
    await expect(new Response(body).text()).rejects.toThrow()
  })

  it('ends when it is aborted, before the answer and within it', async () => {
    const stop = new AbortController()
    answer = () => stop.abort()
    await expect(lightFetch(address(), { ...get, signal: stop.signal })).rejects.toMatchObject({ name: 'AbortError' })
    const later = new AbortController()
    answer = (_, response) => response.write('half')
    const begun = await lightFetch(address(), { ...get, signal: later.signal })
    later.abort()
    await expect(begun.text()).rejects.toThrow('aborted')
  })

  it('says who asks, and how long what it sends is', async () => {
    answer = ({ headers }, response) => response.end(JSON.stringify(headers))
    const sent = await lightFetch(address(), { method: 'DELETE', headers: {}, body: 'é' })
    expect(JSON.parse(await sent.text())).toMatchObject({
      'user-agent': 'mayfly',
      accept: '*/*',
      'content-length': '2',
    })
  })

  it('does nothing twice where it has been done and the answer lies elsewhere', async () => {
    const asked: string[] = []
    answer = ({ method, url }, response) => {
      asked.push(`${method} ${url}`)
      response.writeHead(303, { location: '/there' }).end()
    }
    expect(await lightFetch(address('/here'), { ...get, method: 'POST', body: 'sent' })).toMatchObject({ status: 303 })
    expect(asked).toEqual(['POST /here'])
  })

  it('is unpacked where a gate has packed it', async () => {
    answer = (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('packed'))
    expect(await (await lightFetch(address(), get)).text()).toBe('packed')
  })

  it('fails where the answer is none', async () => {
    server.removeAllListeners('request')
    server.on('connection', (socket) =>
      socket.end('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'),
    )
    await expect(lightFetch(address(), get)).rejects.toThrow('closed without an answer')
  })

  it('waits so long for a connection, and for an answer, but does not count how long sending takes', async () => {
    const impatient = lightFetchWith({ connectMs: 200, idleMs: 60_000 })
    const secure = new URL(address().href.replace('http', 'https'))
    server.removeAllListeners('connection')
    await expect(impatient(secure, get)).rejects.toThrow('no connection within 0.2 seconds')
    const stop = new AbortController()
    server.on('connection', (socket) => socket.pause())
    const large = { method: 'POST', headers: {}, body: 'x'.repeat(32 * 1024 ** 2), signal: stop.signal }
    const sending = impatient(address(), large)
    const first = await Promise.race([sending.catch(String), rest(600, 'still sending')])
    expect(first).toBe('still sending')
    stop.abort()
    await expect(sending).rejects.toMatchObject({ name: 'AbortError' })
    const idle = lightFetchWith({ connectMs: 60_000, idleMs: 200 })
    await expect(idle(address(), get)).rejects.toThrow('nothing came for 0.2 seconds')
  })
})
