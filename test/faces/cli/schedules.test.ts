import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startMayfly, type TestMayfly } from '../../fixtures/mayfly.ts'
import { mayfly as program } from './fixtures/cli.ts'

let server: TestMayfly

beforeAll(async () => {
  server = await startMayfly()
})

afterAll(() => server.remove())

const schedules = (...args: readonly string[]) =>
  program(['schedules', ...args], { env: { MAYFLY_URL: server.url, MAYFLY_TOKEN: server.token } })

describe('schedules', () => {
  it('are made, shown, run, paused, changed and deleted by their name', async () => {
    const flags = ['--name', 'nightly', '--cron', '30 2 * * *', '--time-zone', 'Europe/Berlin', '--jitter', '60']
    const created = await schedules('create', 'exec', ...flags, '--label', 'a=b', '--', 'sleep', '60')
    const id = created.stdout.trim()
    expect([created.code, created.stderr]).toEqual([0, expect.stringContaining('it fires next at 20')])
    expect((await schedules('list')).stdout).toMatch(/nightly +exec +30 2 \* \* \* \(Europe\/Berlin\) +skip +20/)
    const task = (await schedules('run', 'nightly')).stdout.trim()
    const { stdout } = await schedules('show', id)
    expect(stdout).toContain('next times')
    expect(stdout).toMatch(new RegExp(`by hand +fired +${task}`))
    const again = await schedules('run', 'nightly')
    expect([again.code, again.stderr]).toEqual([3, expect.stringContaining(`its task ${task} has not ended`)])
    await server.cancel(task)
    expect((await schedules('pause', 'nightly')).stdout).toBe('nightly: paused\n')
    expect((await schedules('resume', 'nightly')).stdout).toMatch(/^nightly: 20/)
    const changed = await schedules('change', 'nightly', '--every', '3600', '--overlap', 'queue', '--json')
    expect(JSON.parse(changed.stdout)).toMatchObject({ id, everySeconds: 3600, cron: null, overlap: 'queue' })
    expect((await schedules('delete', 'nightly')).code).toBe(0)
    expect((await schedules('list', '--json')).stdout).toBe('[]\n')
  })

  it.each([
    [['create', 'exec', '--cron', '0 0 30 2 *'], 3, 'never fires'],
    [['create', 'exec', '--cron', '@daily', '--time-zone', 'Mars/Olympus'], 3, 'there is no time zone Mars/Olympus'],
    [['create', 'exec', '--every', 'often'], 2, '--every must be a number, not often'],
    [['create', 'exec', '--every', '1'], 3, 'everySeconds must be at least 10'],
    [['create', 'exec', '--at', '2020-01-01T00:00:00Z'], 3, 'choose a time to come'],
    [['create', 'exec', '--not-before', '2100-01-01T00:00:00Z'], 2, 'unknown option'],
    [['run', 'nothing'], 3, 'there is no schedule nothing'],
    [['show', '01890a5d-ac96-774b-bcce-b302099a8057'], 3, 'there is no schedule with this id'],
  ])('say in one sentence what is wrong with %j', async (args, code, sentence) => {
    const separated = args[0] === 'create' ? [...args, '--', 'true'] : args
    const said = await schedules(...separated)
    expect([said.code, said.stdout]).toEqual([code, ''])
    expect(said.stderr).toContain(sentence)
    expect(said.stderr.trim().split('\n')).toHaveLength(1)
  })
})
