import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inputCheckOf } from '../../../src/contract/check.ts'
import type { KindList } from '../../../src/contract/kinds.ts'
import { startMayfly, type TestMayfly } from '../../fixtures/mayfly.ts'
import { mayfly as program } from './fixtures/cli.ts'

let server: TestMayfly

beforeAll(async () => {
  server = await startMayfly()
})

afterAll(() => server.remove())

const mayfly = (args: readonly string[]) =>
  program(args, { env: { MAYFLY_URL: server.url, MAYFLY_TOKEN: server.token } })

describe('kinds and retries', () => {
  it('kinds are listed with what they are for', async () => {
    expect((await mayfly(['kinds'])).stdout).toMatch(/^exec +normal .* Run a command$/m)
  })

  it('one is shown with what it takes and gives', async () => {
    const { stdout } = await mayfly(['kinds', 'org.backup'])
    expect(stdout).toMatch(/^about +Back up an org$/m)
    expect(stdout).toMatch(/^secret +session, vault:org\/\{org\}\/session$/m)
    expect(stdout).toMatch(/^input \{\n {2}\/\*\* the alias of an org: .*\n {2}org: string$/m)
    const { code, stderr } = await mayfly(['kinds', 'nothing'])
    expect([code, stderr]).toEqual([3, expect.stringContaining('there is no kind nothing')])
  })

  it('where one is to be looked up is said of an input that does not fit', async () => {
    const { stderr } = await mayfly(['run', 'org.backup', '--set', 'nothing=1'])
    expect(stderr).toContain('`mayfly kinds KIND` shows what a kind takes')
  })

  it('their inputs and results are written as types', async () => {
    const { stdout } = await mayfly(['kinds', '--types'])
    expect(stdout).toContain('command: readonly [string, ...readonly string[]]')
    expect(stdout).toMatch(/result: \{\n +\/\*\* another one fails \*\/\n +exitCode: 0\n/)
    expect(stdout).toContain('severity: "error" | "warning"')
  })

  it.each([
    { kind: 'exec', input: { command: ['true'] } },
    {
      kind: 'lint',
      input: { path: import.meta.dirname, include: ['kinds.test.ts'], config: 'bundled', failOn: 'never' },
    },
  ])('the result of $kind is what its schema says', async (request) => {
    const { items } = await server.get<KindList>('/kinds')
    const schema = items.find(({ kind }) => kind === request.kind)?.result ?? { not: {} }
    const { state, result } = await server.run(request)
    expect([state, inputCheckOf(schema, 'the result')(result)]).toEqual(['succeeded', undefined])
  })

  it('an ended task is run again as a new one', async () => {
    const { id } = await server.run({ kind: 'exec', input: { command: ['true'] } })
    const again = (await mayfly(['retry', id])).stdout.trim()
    expect((await server.settled(again)).retryOf).toBe(id)
  })
})
