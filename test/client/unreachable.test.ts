import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { Mayfly, type MayflyError } from '../../src/client/client.ts'
import { unreachable } from '../../src/client/unreachable.ts'

let servers: Server[] = []

afterEach(() => {
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
  servers = []
})

async function answering(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const said = async (url: string) =>
  new Mayfly({ url, token: 't' }).health().then(
    () => 'it answers',
    ({ code, message }: MayflyError) => `${code}: ${message}`,
  )

const codes = (code: string) =>
  Object.assign(new TypeError('fetch failed'), { cause: Object.assign(new Error(), { code }) })

describe('what keeps a client from its server is told with what to do', () => {
  it.each([
    ['ECONNREFUSED', 'nothing listens at https://m.example: start the server, or correct the address'],
    ['ENOTFOUND', /^there is no host m\.example: correct the address/],
    ['EAI_AGAIN', /^the name m\.example cannot be looked up now: see that the network/],
    ['CERT_HAS_EXPIRED', /has expired: have its operator renew it/],
    ['ERR_TLS_CERT_ALTNAME_INVALID', /is not for m\.example: use the name/],
    ['SELF_SIGNED_CERT_IN_CHAIN', /issuer that this machine does not trust: name .* NODE_EXTRA_CA_CERTS/],
    ['CERT_REVOKED', /is not trusted \(CERT_REVOKED\): have its operator mend it/],
    ['ERR_SSL_WRONG_VERSION_NUMBER', /does not speak TLS: .* use http:\/\/m\.example$/],
    ['UND_ERR_SOCKET', /^https:\/\/m\.example cannot be reached \(UND_ERR_SOCKET\): see that the server runs/],
  ])('%s', (code, sentence) => {
    expect(unreachable('https://m.example', codes(code))).toMatch(sentence)
  })

  it('both of whose addresses refuse', () => {
    const both = new AggregateError([Object.assign(new Error('no'), { code: 'ECONNREFUSED' })])
    const error = new TypeError('fetch failed', { cause: both })
    expect(unreachable('http://localhost:7070', error)).toMatch(/^nothing listens at http:\/\/localhost:7070/)
  })

  it('though no runtime says why', () => {
    expect(unreachable('http://m', new TypeError('Failed to fetch'))).toMatch(
      /cannot be reached \(Failed to fetch\): see/,
    )
  })

  it('for real', async () => {
    const url = await answering(() => {})
    servers.pop()?.close()
    expect(await said(url)).toBe(`UNREACHABLE: nothing listens at ${url}: start the server, or correct the address`)
  })

  it.each([502, 503, 504])('a proxy that answers %i', async (status) => {
    const url = await answering((_request, response) => response.writeHead(status).end('<html>'))
    expect(await said(url)).toMatch(`UNEXPECTED: a proxy answers for ${url}, and says ${status}: the server behind it`)
  })

  it.each(['{}', 'null', '{"items":1}'])('a stranger that is asked for a list and answers %s', async (text) => {
    const url = await answering((_request, response) => response.end(text))
    const asked = new Mayfly({ url, token: 't' }).list().next()
    await expect(asked).rejects.toThrow(`${url} did not answer with a list: see that it is a Mayfly`)
  })

  it('a server of another version, which has no such route', async () => {
    const problem = { code: 'NOT_FOUND', detail: 'there is nothing at this address: /openapi.json lists what there is' }
    const url = await answering((_request, response) =>
      response.writeHead(404, { 'content-type': 'application/problem+json' }).end(JSON.stringify(problem)),
    )
    expect(await said(url)).toMatch(/^NOT_FOUND: .* is of another version, so update the older of server and client/)
  })
})

it.each([
  ['', /^nothing is no address of a server: give one such as/],
  ['nonsense', /^nonsense is no address/],
  ['localhost:7070', /^localhost:7070 is no address of a server: give one such as http:/],
  ['ftp://m.example', /is no address/],
  ['http://user:pass@m.example', /^the address holds a user or a password: leave them out, and give a token$/],
])('refuses the address %j', (url, sentence) => {
  const make = () => new Mayfly({ url, token: 't' })
  expect(make).toThrow(sentence)
  expect(make).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }))
})
