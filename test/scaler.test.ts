import { afterEach, describe, expect, it } from 'vitest'
import type { PoolList, Stats } from '../src/contract/stats.ts'
import type { Pressure } from '../src/process/pressure.ts'
import { type Start, startMayfly, type TestMayfly } from './fixtures/mayfly.ts'

const easy: Pressure = {
  cores: 8,
  load: 1,
  cpuSome: 1,
  throttled: null,
  memorySome: 0,
  memoryFull: 0,
  ioFull: 0,
  memory: { totalMiB: 16_384, availableMiB: 12_000 },
}
const short: Pressure = { ...easy, memoryFull: 25, memorySome: 50 }
const gone: Pressure = { ...easy, memory: { totalMiB: 16_384, availableMiB: 100 } }

/** Minutes, in milliseconds. */
const scalingTerms = {
  sampleMs: 10,
  lessEveryMs: { memory: 20, load: 20 },
  moreEveryMs: [30, 60],
  noneMs: 60_000,
} as const

const sleeper = { kind: 'exec', input: { command: ['sleep', '600'] } } as const

describe('the shared slots of a server', () => {
  let mayfly: TestMayfly
  let pressure: Pressure

  afterEach(() => mayfly.remove())

  async function start(config: Start['config'] = {}, terms: NonNullable<Start['hooks']>['scalingTerms'] = {}) {
    pressure = easy
    const hooks = { pressure: () => pressure, scalingTerms: { ...scalingTerms, ...terms } }
    mayfly = await startMayfly({ config: { scaling: true, sharedSlots: 4, standby: 0, ...config }, hooks })
  }

  const scaling = async () => (await mayfly.get<PoolList>('/pools')).scaling
  const usable = async () => (await scaling()).usable
  const pool = async (name = 'normal') => (await mayfly.get<PoolList>('/pools')).pools.find((one) => one.pool === name)
  const busy = async () => (await pool())?.busy

  it('are fewer while memory is short and more when it is not, while tasks run and wait', async () => {
    await start()
    const ids = await Promise.all(Array.from({ length: 7 }, async () => (await mayfly.submit(sleeper)).id))
    await expect.poll(busy).toBe(4)

    pressure = short
    await expect.poll(usable).toBe(2)
    expect(await pool()).toMatchObject({ busy: 4, queued: 3, slots: 2, free: 0 })
    const running = (await Promise.all(ids.map(mayfly.task))).filter(({ state }) => state !== 'queued')
    for (const { id } of running.slice(0, 2)) await mayfly.cancel(id)
    await expect.poll(usable).toBe(1)
    await mayfly.cancel(running[2]?.id ?? '')
    await expect.poll(busy).toBe(1)

    pressure = easy
    await expect.poll(busy).toBe(4)
    const { changes } = await scaling()
    expect(changes.map(({ from, to }) => `${from} to ${to}`)).toEqual([
      '3 to 4',
      '2 to 3',
      '1 to 2',
      '2 to 1',
      '4 to 2',
    ])
    expect(changes[0]?.reason).toBe('memory and load are fine, and tasks wait for a slot')
    expect(changes.at(-1)?.reason).toBe('processes waited for memory 50 % of the last 10 s, all of them 25 %')
    expect((await mayfly.get<Stats>('/stats')).scaling).toEqual(await scaling())
  })

  it('are none when memory is nearly used up, which critical tasks do not feel', async () => {
    await start()
    await mayfly.submit(sleeper)
    await expect.poll(busy).toBe(1)
    pressure = gone
    await expect.poll(usable).toBe(0)
    const { id } = await mayfly.submit({ kind: 'exec', input: { command: ['true'] } })
    const critical = await mayfly.run({ kind: 'exec', pool: 'critical', input: { command: ['true'] } })
    expect(critical.state).toBe('succeeded')
    expect((await mayfly.task(id)).state).toBe('queued')
    pressure = easy
    expect((await mayfly.settled(id)).state).toBe('succeeded')
  })

  it('are used again before long when what took the memory is not ours', async () => {
    await start({}, { noneMs: 50 })
    pressure = gone
    await expect.poll(usable).toBe(0)
    expect((await mayfly.run({ kind: 'exec', input: { command: ['true'] } })).state).toBe('succeeded')
  })

  it('stay as they are where that is the setting', async () => {
    await start({ scaling: false })
    pressure = gone
    expect((await mayfly.run({ kind: 'exec', input: { command: ['sleep', '0.2'] } })).state).toBe('succeeded')
    expect(await scaling()).toEqual({ most: 4, usable: 4, changes: [] })
  })

  it('are all there that workers may wait for: none stands by while memory is short', async () => {
    await start({ standby: 2, standbyFloor: { critical: 1, normal: 0, batch: 0 }, standbySeconds: 1 })
    const standby = async () => (await pool('critical'))?.standby
    await expect.poll(standby).toBe(1)
    pressure = short
    await expect.poll(standby).toBe(0)
    pressure = easy
    await expect.poll(standby).toBe(1)
  })
})
