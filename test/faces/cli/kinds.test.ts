import { afterAll, beforeAll, describe, expect, it } from 'vitest'
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

  it('an ended task is run again as a new one', async () => {
    const { id } = await server.run({ kind: 'exec', input: { command: ['true'] } })
    const again = (await mayfly(['retry', id])).stdout.trim()
    expect((await server.settled(again)).retryOf).toBe(id)
  })
})
