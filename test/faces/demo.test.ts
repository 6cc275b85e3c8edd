import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const run = promisify(execFile)
const demo = 'src/faces/demo/demo.ts'
const minuteMs = 60_000

describe('the demo', () => {
  // Both at once: most of their time they sleep.
  it.concurrent.each([
    { flags: [], settings: {} },
    { flags: ['--chaos'], settings: { MAYFLY_DATA: '/nowhere', MAYFLY_PORT: 'x', MAYFLY_CONFIG: '/nowhere' } },
  ])(
    'shows tasks of two tenants to their ends, and ends by itself: %j',
    async ({ flags, settings }) => {
      const options = { timeout: 3 * minuteMs, env: { ...process.env, ...settings } }
      const { stdout } = await run(process.execPath, [demo, ...flags], options)
      expect(stdout).toContain('9 of 9 tasks succeeded')
      expect(stdout).toContain('deploy to an emulated Salesforce')
      expect(stdout).toContain('Every watcher saw every event once, in order.')
      expect(stdout.includes('killed with -9')).toBe(flags.length > 0)
    },
    4 * minuteMs,
  )

  it.each(['SIGKILL', 'SIGINT'] as const)('leaves no server behind after %s', async (signal) => {
    const child = spawn(process.execPath, [demo], { stdio: ['ignore', 'pipe', 'ignore'] })
    const ended = once(child, 'exit')
    const url = await addressIn(child.stdout)
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    child.kill(signal)
    await ended
    const answers = () =>
      fetch(`${url}/healthz`).then(
        () => true,
        () => false,
      )
    await expect.poll(answers).toBe(false)
  })
})

async function addressIn(said: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: said })) {
    const [, url] = /listens at (\S+),/.exec(line) ?? []
    if (url !== undefined) {
      said.resume()
      return url
    }
  }
  throw new Error('it ended without an address')
}
