import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { type Orchestrator, Site } from '../../journeys/support/orchestrator.ts'
import { Cli, mayfly } from './fixtures/cli.ts'

let orchestrator: Orchestrator | undefined

afterEach(() => orchestrator?.kill())

/** A data directory whose last server left an address at which nobody answers. */
function deserted(): string {
  const data = mkdtempSync(join(tmpdir(), 'mayfly-embedded-'))
  writeFileSync(join(data, 'url'), 'http://127.0.0.1:9\n')
  return data
}

const holderOf = (data: string): number => JSON.parse(readFileSync(join(data, 'orchestrator.json'), 'utf8')).pid

describe('mayfly run without a server', () => {
  it('starts one, runs the task there, and ends it', async () => {
    const MAYFLY_DATA = deserted()
    const { code, stdout, stderr } = await mayfly(['run', 'exec', '--', 'echo', 'hello'], { env: { MAYFLY_DATA } })
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'hello\n' })
    expect(stderr).toContain('one is started for this command')
    expect(existsSync(join(MAYFLY_DATA, 'orchestrator.json'))).toBe(false)
    expect(existsSync(join(MAYFLY_DATA, 'url'))).toBe(false)
    rmSync(MAYFLY_DATA, { recursive: true })
  })

  it('hands the task back at Ctrl-C: the next server has it', async () => {
    const MAYFLY_DATA = deserted()
    const cli = new Cli(['run', 'exec', '--', 'sh', '-c', 'echo up; sleep 600'], { env: { MAYFLY_DATA } })
    await cli.until('up\n')
    cli.child.kill('SIGINT')
    const { code, stderr } = await cli.ended
    expect(code).toBe(130)
    expect(stderr).toContain('waits for the next server')
    const id = / watch ([0-9a-f-]{36})/.exec(stderr)?.[1] ?? ''
    const site = await Site.create({}, MAYFLY_DATA)
    orchestrator = site.start()
    await orchestrator.listening
    const next = new Cli(['watch', id], { env: { MAYFLY_DATA } })
    await next.until('running, attempt 2')
    await mayfly(['cancel', id], { env: { MAYFLY_DATA } })
    expect((await next.ended).code).toBe(4)
  })

  it('opens it to this machine only, whatever else is set', async () => {
    const MAYFLY_DATA = deserted()
    // A sandbox would not see the file.
    const env = { MAYFLY_DATA, MAYFLY_HOST: '0.0.0.0', MAYFLY_PORT: '7070', MAYFLY_ISOLATION: 'atMost:1' }
    const { stdout } = await mayfly(['run', 'exec', '--', 'cat', join(MAYFLY_DATA, 'url')], { env })
    expect(stdout).toMatch(/^http:\/\/127\.0\.0\.1:(?!7070)/)
  })

  it('leaves no server behind when it is killed', async () => {
    const MAYFLY_DATA = deserted()
    const cli = new Cli(['run', 'exec', '--', 'sh', '-c', 'echo up; sleep 600'], { env: { MAYFLY_DATA } })
    await cli.until('up\n')
    const pid = holderOf(MAYFLY_DATA)
    cli.child.kill('SIGKILL')
    await expect.poll(() => existsSync(`/proc/${pid}`)).toBe(false)
  })

  it('says who holds the data directory', async () => {
    const site = await Site.create({})
    orchestrator = site.start()
    await orchestrator.listening
    writeFileSync(join(site.data, 'url'), 'http://127.0.0.1:9\n')
    const { code, stderr } = await mayfly(['run', 'exec', '--', 'true'], { env: { MAYFLY_DATA: site.data } })
    expect(code).toBe(5)
    expect(stderr).toContain(`pid ${orchestrator.child.pid}`)
  })
})

describe('a server', () => {
  it('is found through its data directory, whatever its port', async () => {
    const site = await Site.create({})
    orchestrator = site.start()
    await orchestrator.listening
    const env = { MAYFLY_DATA: site.data }
    expect((await mayfly(['run', 'exec', '--', 'echo', 'found'], { env })).stdout).toBe('found\n')
    await orchestrator.kill('SIGTERM')
    expect(existsSync(join(site.data, 'url'))).toBe(false)
  })

  it('that is killed and started again is watched on without a missing or a double line', async () => {
    const site = await Site.create({})
    orchestrator = site.start()
    await orchestrator.listening
    const env = { MAYFLY_DATA: site.data, MAYFLY_URL: site.url }
    const script = 'for i in 1 2 3 4 5 6; do echo "line $i of $$"; sleep 0.3; done'
    const cli = new Cli(['run', 'exec', '--json', '--', 'sh', '-c', script], { env })
    await cli.until('line 2')
    await orchestrator.kill('SIGKILL')
    orchestrator = site.start()
    const { code, stdout } = await cli.ended
    expect(code).toBe(0)
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .filter(({ type }) => type === 'event')
    expect(events.map(({ event }) => event.seq)).toEqual(events.map((_, at) => at + 1))
  })
})
