import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { patiently } from '../../../src/faces/cli/follow.ts'
import { startProxy } from '../../client/fixtures/proxy.ts'
import { startMayfly, type TestMayfly } from '../../fixtures/mayfly.ts'
import { Cli } from './fixtures/cli.ts'

let server: TestMayfly

beforeAll(async () => {
  server = await startMayfly()
})

afterAll(() => server.remove())

describe('mayfly logs --follow', () => {
  it('says that the task is out of sight, and goes on', async () => {
    const proxy = await startProxy(server.url, () => ({}))
    const { id } = await server.submit({
      kind: 'exec',
      input: { command: ['sh', '-c', 'echo one; exec sleep 600'] },
    })
    const cli = new Cli(['logs', '--follow', id], { env: { MAYFLY_URL: proxy.url, MAYFLY_TOKEN: server.token } })
    await cli.until('one\n')
    proxy.cutAll()
    await cli.until('out of sight')
    await server.cancel(id)
    const { code, stdout, stderr } = await cli.ended
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'one\n' })
    expect(stderr).toContain(`…${id.slice(-6)} is out of sight`)
    await proxy.stop()
  })
})

describe('every command that watches', () => {
  it('says what it misses, and gives up some day', () => {
    const said: string[] = []
    const { giveUpMs, onGap, onLost } = patiently((sentence) => said.push(sentence))
    onGap(7)
    onLost('the connection broke', 1_000)
    expect(said).toEqual([
      'its events before number 7 are no longer kept',
      'is out of sight (the connection broke), next look in 1.0 s',
    ])
    expect(giveUpMs).toBeLessThan(Infinity)
  })
})
