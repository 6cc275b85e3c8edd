import { mkdtempSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { mayfly } from './fixtures/cli.ts'

let stops: (() => unknown)[] = []

afterEach(() => {
  for (const stop of stops) stop()
  stops = []
})

/** Whoever it is that listens on a port of this machine and says that all is well, and what it was sent. */
function stranger(isolation: object = { level: 0, name: 'none' }) {
  const heard: IncomingHttpHeaders[] = []
  const server = createServer((request, response) => {
    heard.push(request.headers)
    const standby = { waiting: 0, failing: false }
    const readiness = { ready: true, node: 'n', store: 's', standby, isolation }
    response.end(JSON.stringify({ items: [], nextCursor: null, status: 'ok', ...readiness }))
  }).listen(0)
  stops.push(() => server.close())
  return { heard, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

/** Where a server kept its data, and the address that it left there. */
function dataWith(url: string | undefined): string {
  const data = mkdtempSync(join(tmpdir(), 'mayfly-settings-'))
  writeFileSync(join(data, 'admin-token'), 'the-admin-token\n')
  if (url !== undefined) writeFileSync(join(data, 'url'), `${url}\n`)
  return data
}

describe('the admin token', () => {
  it.each([
    { what: 'no server left an address', left: undefined },
    { what: 'the server is at another address', left: 'http://127.0.0.1:9' },
    { what: 'the address that was left is none', left: 'nonsense' },
  ])('goes to nobody where $what', async ({ left }) => {
    const { url, heard } = stranger()
    const env = { MAYFLY_DATA: dataWith(left), MAYFLY_URL: url }
    for (const args of [['list'], ['run', 'exec', '--', 'true'], ['doctor']]) {
      const { code, stdout, stderr } = await mayfly(args, { env })
      expect(code).not.toBe(0)
      expect(stdout + stderr).toContain('is not sent elsewhere')
    }
    expect(heard.length).toBeGreaterThan(0)
    expect(heard.filter(({ authorization }) => authorization !== undefined)).toEqual([])
  })

  it.each(['', '/'])('goes to the server that left its address with the data, named or not: %j', async (slash) => {
    const { url, heard } = stranger()
    const MAYFLY_DATA = dataWith(url)
    for (const env of [{ MAYFLY_DATA }, { MAYFLY_DATA, MAYFLY_URL: url + slash }]) {
      expect((await mayfly(['list'], { env })).code).toBe(0)
    }
    expect(heard.map(({ authorization }) => authorization)).toEqual(Array(2).fill('Bearer the-admin-token'))
  })
})

describe('doctor', () => {
  it('has findings wherever the data is to be', async () => {
    const data = mkdtempSync(join(tmpdir(), 'mayfly-settings-'))
    const file = join(data, 'file')
    writeFileSync(file, '')
    for (const [path, verdict] of [
      [join(data, 'below', 'and', 'below'), 'good'],
      [join(file, 'below'), 'bad'],
      [file, 'bad'],
    ] as const) {
      const { stdout } = await mayfly(['doctor', '--json', '--data', path])
      const found = Object.fromEntries(
        JSON.parse(stdout).map((one: { what: string; verdict: string }) => [one.what, one.verdict]),
      )
      expect(found).toMatchObject({ data: verdict, disk: expect.any(String), server: expect.any(String) })
    }
  })
})

it('doctor says when a server can seal nobody off any more', async () => {
  const { url } = stranger({ level: 2, name: 'sandbox', failing: true })
  const { stdout } = await mayfly(['doctor', '--json'], { env: { MAYFLY_DATA: dataWith(url) } })
  expect(JSON.parse(stdout)).toContainEqual(expect.objectContaining({ what: 'sandbox', verdict: 'bad' }))
})

describe('a config file', () => {
  it.each(['null', '[]', '"text"', '7'])('that holds %s is refused in one sentence', async (content) => {
    const MAYFLY_CONFIG = join(mkdtempSync(join(tmpdir(), 'mayfly-settings-')), 'config.json')
    writeFileSync(MAYFLY_CONFIG, content)
    for (const args of [['config'], ['serve', '--port', '0']]) {
      const { code, stdout, stderr } = await mayfly(args, { env: { MAYFLY_CONFIG } })
      expect(stderr.trim()).toMatch(/^mayfly: \S+config\.json must hold an object.*$/)
      expect({ code, stdout }).toEqual({ code: args[0] === 'serve' ? 64 : 2, stdout: '' })
    }
  })
})
