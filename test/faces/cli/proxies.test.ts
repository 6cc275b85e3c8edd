import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startMayfly, type TestMayfly } from '../../fixtures/mayfly.ts'
import { mayfly } from './fixtures/cli.ts'

/** A proxy that knows where `mayfly.invalid` is, and nobody else does; it notes what it is asked for. */
function startProxy(target: number): { readonly server: Server; readonly asked: string[]; readonly url: () => string } {
  const asked: string[] = []
  const server = createServer((_, response) => response.writeHead(501).end())
  server.on('connect', (request, socket: Socket) => {
    asked.push(request.url ?? '')
    const onward = connect(target, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      socket.pipe(onward).pipe(socket)
    })
    for (const [end, other] of [
      [socket, onward],
      [onward, socket],
    ] as const)
      end.on('error', () => other.destroy())
  })
  server.listen(0, '127.0.0.1')
  return { server, asked, url: () => `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

describe('a proxy in the environment', () => {
  let server: TestMayfly
  let proxy: ReturnType<typeof startProxy>

  beforeAll(async () => {
    server = await startMayfly()
    proxy = startProxy(Number(new URL(server.url).port))
    await once(proxy.server, 'listening')
  })

  beforeEach(() => {
    proxy.asked.length = 0
  })

  afterAll(async () => {
    proxy.server.close()
    await server.remove()
  })

  const run = (url: string, env: Record<string, string>) =>
    mayfly(['run', 'exec', '--url', url, '--', 'echo', 'hello'], { env: { MAYFLY_TOKEN: server.token, ...env } })

  it.each(['HTTP_PROXY', 'http_proxy'])('in %s is gone through, by requests and by the stream', async (name) => {
    const { code, stdout } = await run('http://mayfly.invalid', { [name]: proxy.url() })
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('hello') })
    expect(new Set(proxy.asked)).toEqual(new Set(['mayfly.invalid:80']))
    expect(proxy.asked.length).toBeGreaterThan(1)
  })

  it('is not asked for this machine, nor for what NO_PROXY names', async () => {
    expect(await run(server.url, { HTTP_PROXY: proxy.url() })).toMatchObject({ code: 0 })
    const named = await run('http://mayfly.invalid', { HTTP_PROXY: proxy.url(), NO_PROXY: 'mayfly.invalid' })
    expect(named).toMatchObject({ code: 5, stderr: expect.stringContaining('there is no host mayfly.invalid') })
    expect(proxy.asked).toEqual([])
  })

  it.each(['nonsense', 'socks5://me:secret@proxy.invalid:1080'])('is refused in a sentence: %s', async (url) => {
    const { code, stderr } = await run(server.url, { HTTPS_PROXY: url })
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('correct it, or unset') })
    expect(stderr).not.toContain('secret')
  })

  it('that is not there is said to be in the way', async () => {
    const { code, stderr } = await run('http://mayfly.invalid', { HTTP_PROXY: 'http://127.0.0.1:9' })
    expect(code).toBe(5)
    expect(stderr).toContain('through the proxy that the environment names, 127.0.0.1:9')
  })
})
