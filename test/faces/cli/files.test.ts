import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startMayfly, type TestMayfly } from '../../fixtures/mayfly.ts'
import { mayfly as program } from './fixtures/cli.ts'

let server: TestMayfly

beforeAll(async () => {
  server = await startMayfly()
})

afterAll(() => server.remove())

const mayfly = (...args: string[]) => program(args, { env: { MAYFLY_URL: server.url, MAYFLY_TOKEN: server.token } })

/** A directory with what packers stumble over. */
function project(): string {
  const directory = mkdtempSync(join(tmpdir(), 'mayfly-project-'))
  mkdirSync(join(directory, 'below'))
  writeFileSync(join(directory, '.hidden'), 'hidden\n')
  writeFileSync(join(directory, '@at'), 'at\n')
  writeFileSync(join(directory, '-rf'), 'dash\n')
  writeFileSync(join(directory, 'below', 'ünï.txt'), 'deep\n')
  symlinkSync('ünï.txt', join(directory, 'below', 'link'))
  return directory
}

describe('files', () => {
  it('of a directory are there for the task, whatever their names', async () => {
    const find = ['--', 'sh', '-c', 'cat ./.hidden ./@at ./-rf below/ünï.txt']
    const { code, stdout } = await mayfly('run', 'exec', '--upload', project(), ...find)
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'hidden\nat\ndash\ndeep\n' })
  })

  it('that a task kept are downloaded at its end, also when it failed', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'mayfly-artifacts-'))
    const script = 'mkdir out; echo one > out/one.txt; echo two > out/two.txt; exit 1'
    const keep = ['--set', 'artifacts=["out/*.txt"]', '--artifacts', directory]
    const { code, stderr } = await mayfly('run', 'exec', ...keep, '--', 'sh', '-c', script)
    expect(code).toBe(1)
    expect(readFileSync(join(directory, 'out/one.txt'), 'utf8')).toBe('one\n')
    expect(readFileSync(join(directory, 'out/two.txt'), 'utf8')).toBe('two\n')
    expect(stderr).toContain('two.txt (4 B)')
  })

  it('that are not there are refused', async () => {
    expect(await mayfly('run', 'exec', '--upload', '/nowhere', '--', 'true')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('there is no /nowhere'),
    })
  })

  it.each(['../outside', '/tmp/outside', 'a/../../outside'])('are never written outside: %s', async (name) => {
    const task = { id: 'id', kind: 'exec', state: 'succeeded', lastSeq: 1 }
    const { stop, url } = await stranger(task, name)
    const directory = mkdtempSync(join(tmpdir(), 'mayfly-artifacts-'))
    const { download } = await import('../../../src/faces/cli/download.ts')
    const { Mayfly } = await import('../../../src/client/client.ts')
    await expect(download(new Mayfly({ url, token: 't' }), 'id', directory)).rejects.toThrow('outside')
    stop()
  })
})

/** A server that names its artifacts as it likes. */
async function stranger(task: object, name: string) {
  const server = createServer((request, response) => {
    const artifact = { name, bytes: 1, sha256: '', contentType: 'text/plain', at: new Date(0).toISOString() }
    const answer = request.url?.endsWith('/artifacts') ? { items: [artifact] } : task
    response.end(JSON.stringify(answer))
  }).listen(0)
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop: () => server.close() }
}
