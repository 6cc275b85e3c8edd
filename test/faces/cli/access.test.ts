import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { noQuotas } from '../../../src/journal/tenants.ts'
import { startMayfly, type TestMayfly } from '../../fixtures/mayfly.ts'
import { mayfly as program } from './fixtures/cli.ts'

let server: TestMayfly

beforeAll(async () => {
  server = await startMayfly()
})

afterAll(() => server.remove())

const mayfly = (args: readonly string[], token = server.token) =>
  program(args, { env: { MAYFLY_URL: server.url, MAYFLY_TOKEN: token } })

describe('tenants and tokens', () => {
  it('are made, used and taken away', async () => {
    expect((await mayfly(['tenants', 'create', 'acme', '--running', '2'])).code).toBe(0)
    expect((await mayfly(['tenants', 'list'])).stdout).toMatch(/^acme +2 /m)
    const created = await mayfly(['tokens', 'create', '--tenant', 'acme', '--name', 'ci', '--kind', 'exec'])
    const token = created.stdout.trim()
    expect(created.stderr).toContain('not shown again')
    const { stdout } = await mayfly(['run', 'exec', '--json', '--', 'true'], token)
    expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '').task.tenant).toBe('acme')
    expect((await mayfly(['run', 'lint', '--set', 'path=/'], token)).code).toBe(3)
    expect((await mayfly(['tenants', 'list'], token)).code).toBe(3)
    const tokens = JSON.parse((await mayfly(['tokens', 'list', '--tenant', 'acme', '--json'])).stdout)
    expect(JSON.stringify(tokens)).not.toContain(token)
    expect((await mayfly(['tokens', 'revoke', tokens[0].id])).code).toBe(0)
    expect(await mayfly(['list'], token)).toMatchObject({ code: 3, stderr: expect.stringContaining('not valid') })
    expect((await mayfly(['tenants', 'change', 'acme', '--running', 'default'])).code).toBe(0)
    expect(JSON.parse((await mayfly(['tenants', 'show', 'acme', '--json'])).stdout).quotas.running).toBeNull()
    expect((await mayfly(['tenants', 'delete', 'acme'])).code).toBe(0)
  })

  it('have quotas, for all pools and for one', async () => {
    const flags =
      '--weight 2 --pool-running batch=1 --pool-queued batch=5 --memory 1024 --day-seconds 3600 --run-seconds 60'
    expect((await mayfly(['tenants', 'create', 'globex', ...flags.split(' '), '--time-zone', 'Asia/Tokyo'])).code).toBe(
      0,
    )
    expect((await mayfly(['tenants', 'change', 'globex', '--pool-running', 'batch=default'])).stdout).toContain('Tokyo')
    expect(JSON.parse((await mayfly(['tenants', 'show', 'globex', '--json'])).stdout).quotas).toEqual({
      ...noQuotas,
      weight: 2,
      poolQueued: { critical: null, normal: null, batch: 5 },
      memoryMiB: 1024,
      processSecondsPerDay: 3600,
      runSeconds: 60,
      timeZone: 'Asia/Tokyo',
    })
    const wrong = await mayfly(['tenants', 'change', 'globex', '--pool-running', 'night=1'])
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('critical=…, normal=…, batch=…: night=1') })
    const nowhere = await mayfly(['tenants', 'change', 'globex', '--time-zone', 'Mars/Olympus'])
    expect(nowhere).toMatchObject({ code: 3, stderr: expect.stringContaining('there is no time zone Mars/Olympus') })
  })

  it('that have expired are refused in one sentence', async () => {
    const token = (await mayfly(['tokens', 'create', '--expires', '1'])).stdout.trim()
    await expect.poll(async () => (await mayfly(['list'], token)).code).toBe(3)
    expect((await mayfly(['list'], token)).stderr.trim().split('\n')).toHaveLength(1)
  })
})

describe('pauses', () => {
  it('hold tasks until they are deleted', async () => {
    const pause = (await mayfly(['pauses', 'create', '--kind', 'exec', '--reason', 'wait'])).stdout.trim()
    const id = (await mayfly(['submit', 'exec', '--', 'true'])).stdout.trim()
    expect((await mayfly(['pauses', 'list'])).stdout).toContain('wait')
    expect((await mayfly(['pools'])).stdout).toMatch(/^normal +\d+ +\d+ +0 +1 /m)
    expect((await mayfly(['pauses', 'delete', pause])).code).toBe(0)
    expect((await mayfly(['watch', id])).code).toBe(0)
  })
})

describe('a batch', () => {
  it('says of each task what became of it', async () => {
    const { Mayfly } = await import('../../../src/client/client.ts')
    const items = await new Mayfly(server).batch([
      { kind: 'exec', input: { command: ['true'] } },
      { kind: 'nothing', input: {} },
    ])
    expect(items).toMatchObject([
      { status: 202, task: { kind: 'exec' } },
      { status: 422, problem: { code: 'UNKNOWN_KIND' } },
    ])
  })
})
