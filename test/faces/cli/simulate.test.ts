import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startMayfly, type TestMayfly } from '../../fixtures/mayfly.ts'
import { mayfly } from './fixtures/cli.ts'

let directory: string
let server: TestMayfly

const file = (name: string, content?: string) => {
  const path = join(directory, name)
  if (content !== undefined) writeFileSync(path, content)
  return path
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'mayfly-simulate-'))
  server = await startMayfly()
})
afterAll(async () => {
  await server.remove()
  rmSync(directory, { recursive: true, force: true })
})

const line = { at: '2030-01-01T00:00:00Z', tenant: 'acme', kind: 'lint', pool: 'normal', seconds: 60 }
const generated = ['simulate', '--rate', '0.1', '--tenants', '4']

describe('mayfly simulate', () => {
  it('says who would wait how long, with one configuration beside another', async () => {
    const trace = file('trace.jsonl', `${JSON.stringify(line)}\n`.repeat(4))
    const small = file('small.json', JSON.stringify({ sharedSlots: 1, tenant: { running: 9 } }))
    const large = file('large.json', JSON.stringify({ sharedSlots: 4, tenant: { running: 9 } }))
    const said = await mayfly(['simulate', '--trace', trace, '--config', small, '--config', large])
    expect(said).toMatchObject({ code: 0, stderr: '' })
    const rows = said.stdout.split('\n').filter((row) => row.startsWith('normal'))
    expect(rows[0]).toMatch(/small\.json +4 +2\.0 min +3\.0 min +3\.0 min/)
    expect(rows[1]).toMatch(/large\.json +4 +0\.0 s +0\.0 s +0\.0 s/)
  })

  it('answers in JSON, draws a picture, and needs no server', async () => {
    const picture = file('picture.svg')
    const { stdout } = await mayfly([...generated, '--json', '--plot', picture])
    const [only] = JSON.parse(stdout)
    expect(only).toMatchObject({ config: 'defaults', unfinished: 0, pools: [{ name: 'critical' }, {}, {}] })
    expect(readFileSync(picture, 'utf8')).toMatch(/^<svg .*<\/svg>\n$/s)
  })

  it('says what part of the starts came by the times that had been foretold', async () => {
    const busy = ['simulate', '--rate', '0.012', '--hours', '60', '--burst', '4', '--seed', '3']
    const said = await mayfly([...busy, '--forecasts', '100'])
    const shares = [...said.stdout.matchAll(/^(normal|batch) +defaults +(\d+) +([\d.]+) % +([\d.]+) % +\d+$/gm)]
    expect(shares).toHaveLength(2)
    for (const [, , sample, byP50, byP90] of shares) {
      expect(Number(sample)).toBeGreaterThan(30)
      expect(Number(byP50)).toBeLessThan(Number(byP90))
      expect(Number(byP90)).toBeGreaterThanOrEqual(80)
    }
    expect((await mayfly([...busy, '--forecasts', '0'])).stdout).not.toContain('FORETOLD')
  })

  it('gives single tenants what they may, as the server lists it', async () => {
    const at = ['--url', server.url, '--token', server.token]
    await mayfly(['tenants', 'create', 'acme', '--running', '1', ...at])
    const quotas = file('tenants.json', (await mayfly(['tenants', 'list', '--json', ...at])).stdout)
    const config = file('wide.json', JSON.stringify({ sharedSlots: 4 }))
    const of = async (...more: readonly string[]) => {
      const stdin = `${JSON.stringify(line)}\n`.repeat(3)
      const { stdout } = await mayfly(['simulate', '--trace', '-', '--config', config, '--json', ...more], { stdin })
      return JSON.parse(stdout)[0].pools[1].waitSeconds
    }
    expect(await of()).toEqual({ p50: 0, p90: 0, max: 0 })
    expect(await of('--quotas', quotas)).toEqual({ p50: 60, p90: 120, max: 120 })
    const wrong = file(
      'wrong.json',
      readFileSync(quotas, 'utf8').replace(/"timeZone": *null/, '"timeZone":"Mars/Base"'),
    )
    expect(await mayfly([...generated, '--quotas', wrong])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no time zone Mars/Base'),
    })
  })

  it('reads a trace from stdin, and multiplies the slots by the nodes', async () => {
    const stdin = JSON.stringify(line)
    const { stdout } = await mayfly(['simulate', '--trace', '-', '--nodes', '10', '--json'], { stdin })
    const [{ slots: ten }] = JSON.parse(stdout)
    const [{ slots: one }] = JSON.parse((await mayfly(['simulate', '--trace', '-', '--json'], { stdin })).stdout)
    expect(ten).toBe(10 * one)
  })

  it.each([
    { args: [], says: 'give tasks to replay with --trace or --rate' },
    { args: ['--trace', 'x', '--rate', '1'], says: 'give either --trace or --rate' },
    { args: ['--trace', '/no/such/trace'], says: '/no/such/trace cannot be read' },
    { args: ['--rate', '0'], says: '--rate must be above 0' },
    { args: ['--rate', '1', '--mix', '1:2'], says: '--mix must be three numbers' },
    { args: ['--rate', '1', '--mix', '0:0:0'], says: '--mix must be three numbers' },
    { args: ['--rate', '1', '--tenants', '0'], says: '--tenants must be a whole number' },
    { args: ['--rate', '1', '--nodes', '1.5'], says: '--nodes must be a whole number' },
    { args: ['--rate', '1', '--forecasts', '-1'], says: '--forecasts must be a whole number from 0' },
    { args: ['--rate', '1', '--quotas', '/no/such/list'], says: '/no/such/list cannot be read' },
    { args: ['--rate', '1', '--quotas', '/dev/null'], says: '/dev/null is not JSON' },
    { args: ['--rate', '1000', '--hours', '1000'], says: 'lower --rate or --hours' },
    { args: ['--rate', '0.000001', '--hours', '0.001'], says: 'no task came at all' },
    { args: ['--rate', '1', '--config', '/no/such/config'], says: '/no/such/config cannot be read' },
  ])('refuses $args with one sentence', async ({ args, says }) => {
    const said = await mayfly(['simulate', ...args])
    expect(said).toMatchObject({ code: 2, stdout: '' })
    expect(said.stderr).toContain(says)
    expect(said.stderr.trim().split('\n')).toHaveLength(1)
  })

  it('says what is wrong with a line of a trace, and with a setting', async () => {
    const trace = file('bad.jsonl', `${JSON.stringify(line)}\n{"at":1}\n`)
    expect(await mayfly(['simulate', '--trace', trace])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`line 2 of ${trace}`),
    })
    const config = file('bad.json', JSON.stringify({ sharedSlots: 'many' }))
    expect(await mayfly([...generated, '--config', config])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('sharedSlots'),
    })
    expect(await mayfly([...generated, '--plot', '/no/such/place.svg'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('/no/such/place.svg cannot be written'),
    })
  })
})

describe('mayfly list --export', () => {
  it('writes what has run as a trace that can be replayed, all pages of it', async () => {
    const at = ['--url', server.url, '--token', server.token]
    const task = { kind: 'exec', input: { command: ['true'] }, concurrency: { key: 'org' }, priority: 5 }
    const ids = await Promise.all(Array.from({ length: 3 }, () => server.submit(task)))
    await Promise.all(ids.map(({ id }) => server.untilType(id, 'task.succeeded')))
    await server.submit({ ...task, notBefore: '2100-01-01T00:00:00Z' })
    const trace = file('export.jsonl')
    const said = await mayfly(['list', '--export', trace, ...at])
    expect(said).toMatchObject({ code: 0, stdout: expect.stringMatching(/holds 3 tasks; 1 have not run/) })
    const lines = readFileSync(trace, 'utf8').trim().split('\n')
    expect(lines.map((one) => JSON.parse(one))).toEqual(
      Array(3).fill(expect.objectContaining({ kind: 'exec', key: 'org', limit: 1, priority: 5, pool: 'normal' })),
    )
    const { stdout } = await mayfly(['simulate', '--trace', trace, '--json'])
    expect(JSON.parse(stdout)[0].pools[1]).toMatchObject({ name: 'normal', started: 3 })
    expect(await mayfly(['list', '--export', '/no/such/place', ...at])).toMatchObject({ code: 1 })
  })
})
