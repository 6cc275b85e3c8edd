import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Mayfly } from '../../../src/client/client.ts'
import { download } from '../../../src/faces/cli/download.ts'
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

  it('that an ended task kept are listed, and downloaded by their names, whatever these are', async () => {
    const names = ['a', 'a.part', 'below/ünï and more.txt', '..dots', `${'n'.repeat(250)}.txt`, '%2F', 'b/c/d/e']
    const script = 'for name; do mkdir -p "$(dirname "$name")"; printf "of %s" "$name" > "$name"; done'
    const request = { command: ['sh', '-c', script, 'sh', ...names], artifacts: ['**', '..dots'] }
    const { id } = await server.run({ kind: 'exec', input: request })
    const listed = await mayfly('artifacts', id, '--json')
    expect(
      JSON.parse(listed.stdout)
        .map(({ name }: { name: string }) => name)
        .sort(),
    ).toEqual(names.toSorted())
    expect((await mayfly('artifacts', id)).stdout).toMatch(/^NAME +SIZE +TYPE +KEPT\n/)
    const directory = join(mkdtempSync(join(tmpdir(), 'mayfly-artifacts-')), 'new')
    for (const _ of ['once', 'again, over what is there']) {
      const { code, stdout } = await mayfly('artifacts', id, '--output', directory)
      expect(code).toBe(0)
      for (const name of names) {
        expect(readFileSync(join(directory, name), 'utf8')).toBe(`of ${name}`)
        expect(stdout).toContain(`${join(directory, name)} (`)
      }
    }
    expect(readdirSync(directory).sort()).toEqual(['%2F', '..dots', 'a', 'a.part', 'b', 'below', names[4]].sort())
  })

  it('that do not fit beside each other keep no other from being downloaded', async () => {
    const { stop, url } = await stranger({}, ['a/b', 'a', '../outside', 'c'])
    const directory = mkdtempSync(join(tmpdir(), 'mayfly-artifacts-'))
    const env = { MAYFLY_URL: url, MAYFLY_TOKEN: 't' }
    const { code, stderr } = await program(['artifacts', 'id', '--output', directory], { env })
    expect({ code, said: stderr.trim().split('\n') }).toEqual({
      code: 1,
      said: [
        expect.stringContaining('the artifact a was left out'),
        `the artifact ../outside was left out: it would be written outside of ${directory}`,
      ],
    })
    expect([readdirSync(directory).sort(), readdirSync(join(directory, 'a'))]).toEqual([['a', 'c'], ['b']])
    stop()
  })

  it('that came damaged are not left as if they were whole', async () => {
    const { stop, url } = await stranger({}, ['a'], sha256('another'))
    const directory = mkdtempSync(join(tmpdir(), 'mayfly-artifacts-'))
    const env = { MAYFLY_URL: url, MAYFLY_TOKEN: 't' }
    const { code, stderr } = await program(['artifacts', 'id', '--output', directory], { env })
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('it came damaged') })
    expect(readdirSync(directory)).toEqual([])
    stop()
  })

  it('of a task that kept none are none, and of one that is unknown the task is missed', async () => {
    const { id } = await server.run({ kind: 'exec', input: { command: ['true'] } })
    const directory = mkdtempSync(join(tmpdir(), 'mayfly-artifacts-'))
    const none = await mayfly('artifacts', id, '-o', directory)
    expect(none).toEqual({ code: 0, stdout: '', stderr: 'the task kept no files\n' })
    const unknown = await mayfly('artifacts', '0192a3b4-0000-7000-8000-000000000000')
    expect(unknown).toMatchObject({ code: 3, stderr: expect.stringContaining('no task with this id') })
  })

  it.each(['../outside', '/tmp/outside', 'a/../../outside', '', '.', 'a\0b'])(
    'are never written outside: %j',
    async (name) => {
      const { stop, url } = await stranger({}, [name])
      const directory = mkdtempSync(join(tmpdir(), 'mayfly-artifacts-'))
      const told: unknown[] = []
      const downloading = download(new Mayfly({ url, token: 't' }), 'id', directory, (one) => told.push(one))
      await expect(downloading).rejects.toThrow('outside')
      expect([told, readdirSync(directory)]).toEqual([[], []])
      stop()
    },
  )
})

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/** A server that names its artifacts as it likes; each holds one letter. */
async function stranger(task: object, names: readonly string[], digest = sha256('x')) {
  const server = createServer((request, response) => {
    const items = names.map((name) => ({ name, bytes: 1, sha256: digest, contentType: 'text/plain', at: new Date(0) }))
    if (request.url?.includes('/artifacts/')) response.end('x')
    else response.end(JSON.stringify(request.url?.endsWith('/artifacts') ? { items } : task))
  }).listen(0)
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop: () => server.close() }
}
