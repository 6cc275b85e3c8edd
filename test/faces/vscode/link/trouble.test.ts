import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { Mayfly } from '../../../../src/client/client.ts'
import { all } from '../../../../src/client/pages.ts'
import { isFinal, sentenceOf } from '../../../../src/faces/vscode/link/trouble.ts'
import { isInstalled } from '../../../fixtures/installed.ts'
import { startMayfly, type TestMayfly } from '../../../fixtures/mayfly.ts'

let servers: Pick<Server, 'close' | 'closeAllConnections'>[] = []
let mayfly: TestMayfly | undefined

afterEach(async () => {
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
  servers = []
  await mayfly?.remove()
  mayfly = undefined
})

async function listening(server: Server, scheme = 'http'): Promise<string> {
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const answering = (answer: RequestListener) => listening(createServer(answer))

/** What is said when the kinds of this server are asked for, as connecting does. */
async function said(url: string, token = 'x'.repeat(40), origin?: string) {
  try {
    await all(new Mayfly({ url, token, answerMs: 2_000 }).kinds())
    return 'it answers'
  } catch (error) {
    return sentenceOf(error, { url, origin })
  }
}

describe('what is wrong with a server is told in one sentence that says what to do', () => {
  it('when nothing listens', async () => {
    const url = await answering(() => {})
    servers.pop()?.close()
    expect(await said(url)).toBe(`Nothing listens at ${url}: start the server, or correct the address.`)
    expect(await said('http://127.0.0.1:9')).toMatch(/No browser asks at 9/)
  })

  it('when there is no such host', async () => {
    expect(await said('http://mayfly.invalid')).toMatch(/host mayfly.invalid|name mayfly.invalid/)
  })

  it('when the browser does not say why', async () => {
    const error = await new Mayfly({ url: 'http://mayfly.invalid' }).health().catch((cause: Error) => cause)
    // Browsers give no code.
    Object.defineProperty(error, 'cause', { value: new TypeError('Failed to fetch') })
    const from = (origin: string, url: string) => sentenceOf(error, { url, origin })
    expect(from('https://editor.example', 'http://mayfly.example')).toMatch(/no page of https.*put TLS before/)
    expect(from('https://editor.example', 'http://127.0.0.1:7070')).toMatch(/cannot be reached from here/)
    expect(from('https://editor.example', 'https://mayfly.example')).toMatch(
      /cannot be reached from here.*allowedOrigins names https:\/\/editor\.example/,
    )
  })

  it('when the token is wrong, revoked or expired', async () => {
    mayfly = await startMayfly()
    expect(await said(mayfly.url)).toMatch(/does not know the token, or it has expired.*Mayfly: Connect/)
    const expiresAt = new Date(Date.now() + 300).toISOString()
    const made = await mayfly.call('POST', '/tokens', { tenant: 'default', role: 'tenant', expiresAt })
    const { token } = (await made.json()) as { token: string }
    await expect.poll(() => said(mayfly?.url ?? '', token)).toMatch(/has expired/)
  })

  it('when the token may not', async () => {
    mayfly = await startMayfly()
    const made = await mayfly.call('POST', '/tokens', { tenant: 'default', role: 'tenant', kinds: ['lint'] })
    const { token } = (await made.json()) as { token: string }
    const client = new Mayfly({ url: mayfly.url, token })
    const error = await client.submit({ kind: 'exec', input: { command: ['true'] } }).catch((cause: unknown) => cause)
    expect(isFinal(error)).toBe(true)
    expect(sentenceOf(error, { url: mayfly.url })).toMatch(/^The token may not do that: .*\.$/)
    const other = new Mayfly({ url: mayfly.url, token, tenant: 'acme' })
    const refused = await all(other.kinds()).catch((cause: unknown) => cause)
    expect(sentenceOf(refused, { url: mayfly.url })).toMatch(
      /another tenant: leave the setting “mayfly\.tenant” out\.$/,
    )
  })

  it('when it is something else', async () => {
    const url = await answering((_request, response) => response.end('<h1>It works!</h1>'))
    expect(await said(url)).toMatch(/Something answers .* that is not a Mayfly.*correct the address, or update/)
  })

  it('when it is an older or a newer Mayfly', async () => {
    const problem = { code: 'NOT_FOUND', detail: 'there is nothing at this address: /openapi.json lists what there is' }
    const url = await answering((_request, response) => {
      response.writeHead(404, { 'content-type': 'application/problem+json' }).end(JSON.stringify(problem))
    })
    expect(await said(url)).toMatch(
      /does not know what this extension asks for: correct the address, or update the older/,
    )
  })

  it.each([
    [407, /cannot be reached \(.+\): .*“http\.proxy”/],
    [504, /A proxy answers for .*, and says 504/],
    [502, /A proxy answers for .*, and says 502: the server behind it is down/],
  ])('when a proxy answers %i', async (status, sentence) => {
    const url = await answering((_request, response) => response.writeHead(status).end('<html>'))
    expect(await said(url)).toMatch(sentence)
  })

  it('when it does not answer in time', async () => {
    const url = await answering(() => {})
    const error = await new Mayfly({ url, answerMs: 50 }).health().catch((cause: unknown) => cause)
    expect(sentenceOf(error, { url })).toMatch(/cannot be reached \(it does not answer\): see that the server runs/)
  })

  it('when it does not speak TLS', async () => {
    const url = (await answering((_request, response) => response.end())).replace('http:', 'https:')
    expect(await said(url)).toMatch(/does not speak TLS.*use http:/)
  })

  it.skipIf(!isInstalled('openssl', 'version'))(
    'when its certificate is nobody’s whom the machine trusts',
    async () => {
      const url = await listening(createTlsServer(certificate()), 'https')
      expect(await said(url)).toMatch(/^The certificate of .* is by an issuer that this machine does not trust: add/)
    },
  )

  it('when it is our own fault', () => {
    expect(sentenceOf(new TypeError('x is undefined'), { url: 'http://a' })).toBe(
      'Something went wrong here: x is undefined. Try it again.',
    )
  })
})

function certificate(): { key: Buffer; cert: Buffer } {
  const folder = mkdtempSync(join(tmpdir(), 'mayfly-certificate-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const subject = ['-subj', '/CN=localhost', '-days', '1', '-addext', 'subjectAltName=IP:127.0.0.1']
  const kind = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  execFileSync('openssl', [...kind, ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' })
  const made = { key: readFileSync(key), cert: readFileSync(cert) }
  rmSync(folder, { recursive: true })
  return made
}
