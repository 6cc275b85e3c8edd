import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { mayfly } from './fixtures/cli.ts'

/** Says at the end which modules were loaded, Node's own too. */
const spy = `
import { registerHooks } from 'node:module'
const loaded = []
registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) })
process.on('exit', () => console.error([...loaded, ...process.moduleLoadList].join('\\n')))
`

const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(spy)}` }

it('a command loads neither the settings of the server nor the packages of others', async () => {
  const { stderr } = await mayfly(['version'], { env })
  expect(stderr).toContain('src/faces/cli/cli.ts')
  expect(stderr).toContain('node_modules/commander/')
  expect(stderr).not.toMatch(/src\/(config|serve|process\/)|node_modules\/(?!commander\/)/)
})

it('a command that asks a server loads no other command, and not the client of Node', async () => {
  const server = createServer((_, response) => response.end('{"items":[],"next":null}')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { code, stdout, stderr } = await mayfly(['list', '--url', url, '--token', 't'], { env })
  server.close()
  expect([code, stdout]).toEqual([0, expect.stringContaining('ID')])
  const commands = stderr.match(/src\/faces\/cli\/commands\/\S+/g)
  expect(commands).toEqual(['src/faces/cli/commands/help.ts', 'src/faces/cli/commands/list.ts'])
  expect(stderr).toContain('NativeModule http')
  expect(stderr).not.toContain('undici')
})
