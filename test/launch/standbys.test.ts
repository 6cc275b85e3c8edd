import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import { afterEach, describe, expect, it } from 'vitest'
import type { PoolList } from '../../src/contract/stats.ts'
import { Directories } from '../../src/files/directories.ts'
import { Workspaces } from '../../src/files/workspaces.ts'
import { Workers } from '../../src/launch/workers.ts'
import { Census } from '../../src/process/census.ts'
import { bare } from '../../src/process/isolation.ts'
import { thisMachine } from '../../src/process/machine.ts'
import { systemClock } from '../../src/system/clock.ts'
import { outerLevels } from '../fixtures/levels.ts'
import { type Start, startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'
import { standStill } from '../fixtures/stand-still.ts'
import { standing } from '../fixtures/standing.ts'

const ask = { kind: 'exec', input: { command: ['true'] } } as const

const processesOf = (worker: string) => new Census().look((one) => one === worker).marked.map(({ pid }) => pid)

function killAll(worker: string): void {
  for (const pid of processesOf(worker)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // The one before has taken it along.
    }
  }
}

/** Workers that have a workspace: without a task that runs, those that stand by. */
const waiting = ({ data }: Pick<TestMayfly, 'data'>) => new Workspaces(join(data, 'workspaces')).leftover()

/** One of them for critical tasks; the others follow what is asked for. */
const three = { standby: 3, standbyFloor: { critical: 1, normal: 0, batch: 0 } } as const

describe.each(outerLevels)('workers that stand by at level %i', (level) => {
  let mayfly: TestMayfly

  afterEach(() => mayfly.remove())

  async function start(config: Start['config'] = {}, hooks: Start['hooks'] = {}): Promise<void> {
    const settings = { isolation: { atMost: level }, sharedSlots: 2, ...three, ...config }
    mayfly = await startMayfly({ config: settings, hooks })
  }

  /** Has tasks of the profile expected, and workers for them up. */
  async function expectAsks(): Promise<readonly string[]> {
    await Promise.all([mayfly.run(ask), mayfly.run(ask)])
    await expect.poll(() => standing(mayfly)).toBe(2)
    return waiting(mayfly)
  }

  it('are there for a critical task before anybody has asked', async () => {
    await start()
    await expect.poll(() => standing(mayfly, 'critical')).toBe(1)
    expect(await standing(mayfly, 'normal')).toBe(0)
  })

  it('are there for every pool that has a floor, also when nobody asks, the critical one first', async () => {
    await start({ standby: 2, standbyFloor: { critical: 1, normal: 0, batch: 1 } })
    await expect.poll(() => standing(mayfly, 'critical')).toBe(2)
    expect(await standing(mayfly, 'batch')).toBe(1)
    await mayfly.remove()
    mayfly = await startMayfly({
      config: { isolation: { atMost: level }, standby: 1, standbyFloor: { critical: 1, normal: 2, batch: 1 } },
    })
    await expect.poll(() => standing(mayfly, 'critical')).toBe(1)
    expect(await standing(mayfly, 'batch')).toBe(0)
  })

  it('are what the first normal task takes, and the first critical one, with nothing set', async () => {
    mayfly = await startMayfly({ config: { isolation: { atMost: level }, standby: 2 } })
    await expect.poll(() => standing(mayfly, 'critical')).toBe(2)
    const stood = waiting(mayfly)
    const { id } = await mayfly.run(ask)
    const urgent = await mayfly.run({ ...ask, pool: 'critical' })
    const workers = [id, urgent.id].flatMap((task) => mayfly.attempts(task)).map(({ worker }) => worker)
    expect(stood).toEqual(expect.arrayContaining(workers))
  })

  it('are taken once: every task has a process of its own', async () => {
    await start()
    const stood = await expectAsks()
    const tasks = await Promise.all(Array.from({ length: 12 }, () => mayfly.run(ask)))
    expect(tasks.map(({ state }) => state)).toEqual(tasks.map(() => 'succeeded'))
    const workers = tasks.flatMap(({ id }) => mayfly.attempts(id)).map(({ worker }) => worker)
    expect(new Set(workers).size).toBe(12)
    expect(workers.filter((worker) => stood.includes(worker))).toHaveLength(2)
    for (const { id } of tasks) expect(mayfly.leftovers(id)).toEqual({ processes: [], workspaces: [] })
  })

  it('do not make a task wait that finds none', async () => {
    await start({ sharedSlots: 6, standby: 1 })
    const sleep = { kind: 'exec', input: { command: ['sleep', '60'] } }
    const tasks = await Promise.all(Array.from({ length: 6 }, () => mayfly.submit(sleep)))
    await Promise.all(tasks.map(({ id }) => mayfly.untilType(id, 'task.started')))
    expect((await mayfly.get<PoolList>('/pools')).pools.find(({ pool }) => pool === 'normal')?.busy).toBe(6)
  })

  it('are not born in the way of a task behind the one that took the last but one', async () => {
    let takenAt = 0
    await start(
      {},
      {
        witness: (passed) => {
          if (passed === 'launch.born') takenAt = performance.now()
        },
      },
    )
    const stood = await expectAsks()
    const { id } = await mayfly.submit(ask)
    while (waiting(mayfly).every((worker) => stood.includes(worker))) await new Promise(setImmediate)
    expect(performance.now() - takenAt).toBeGreaterThan(25)
    await mayfly.settled(id)
    await expect.poll(() => standing(mayfly)).toBe(2)
  })

  it('are missed when they are killed, and replaced', async () => {
    await start()
    const stood = await expectAsks()
    for (const worker of stood) killAll(worker)
    await expect.poll(() => waiting(mayfly).filter((worker) => stood.includes(worker))).toEqual([])
    await expect.poll(() => standing(mayfly)).toBe(2)
    expect(await mayfly.run(ask)).toMatchObject({ state: 'succeeded', attempt: 1 })
  })

  it.each([
    ['launch.born', ask],
    // Others have begun by then.
    ['launch.claimed', { ...ask, notBefore: new Date(0).toISOString() }],
  ] as const)('cost a task nothing when they die at %s', async (waypoint, ask) => {
    let stood: readonly string[] = []
    await start(
      {},
      {
        witness: (passed) => {
          if (passed !== waypoint) return
          for (const worker of stood) killAll(worker)
          stood = []
        },
      },
    )
    stood = await expectAsks()
    const task = await mayfly.run(ask)
    expect(task).toMatchObject({ state: 'succeeded', attempt: 2 })
    expect(mayfly.counts(task.id)).toEqual({ failures: 0, startFailures: 0, losses: 0 })
    const requeued = (await mayfly.events(task.id)).find(({ type }) => type === 'task.requeued')
    expect(requeued?.data).toMatchObject({ cause: 'not started', reason: expect.stringContaining('stood by') })
    expect(mayfly.leftovers(task.id)).toEqual({ processes: [], workspaces: [] })
  })

  it('are none where there is no memory for them, and tasks run all the same', async () => {
    await start({ standbyMiB: 8 })
    expect(await mayfly.run(ask)).toMatchObject({ state: 'succeeded' })
    expect(await mayfly.run(ask)).toMatchObject({ state: 'succeeded' })
    expect(await standing(mayfly, 'critical')).toBe(0)
    expect(waiting(mayfly)).toEqual([])
  })

  it('are replaced when they have waited too long', async () => {
    await start({ standbySeconds: 1 })
    await expect.poll(() => standing(mayfly, 'critical')).toBe(1)
    const [old = ''] = waiting(mayfly)
    await expect.poll(() => waiting(mayfly).includes(old)).toBe(false)
    await expect.poll(() => standing(mayfly, 'critical')).toBeGreaterThanOrEqual(1)
  })

  it('are kept that came up while the server stood still, past the time that they have for it', async () => {
    await start({ startDeadlineSeconds: 1 })
    while (waiting(mayfly).flatMap(processesOf).length === 0) await new Promise(setImmediate)
    const born = waiting(mayfly)
    standStill(4_000)
    await expect.poll(() => standing(mayfly, 'critical')).toBeGreaterThanOrEqual(1)
    expect(waiting(mayfly)).toEqual(expect.arrayContaining([...born]))
  })

  it('are none when they are turned off, and everything works', async () => {
    await start({ standby: 0 })
    const tasks = await Promise.all(Array.from({ length: 4 }, () => mayfly.run(ask)))
    expect(tasks.map(({ state }) => state)).toEqual(tasks.map(() => 'succeeded'))
    expect(await standing(mayfly, 'critical')).toBe(0)
    expect(waiting(mayfly)).toEqual([])
  })

  it('are gone after a stop', async () => {
    await start()
    const stood = await expectAsks()
    await mayfly.stop()
    expect(stood.flatMap(processesOf)).toEqual([])
    expect(waiting(mayfly)).toEqual([])
  })
})

describe('workers that do not come up', () => {
  const data = mkdtempSync(join(tmpdir(), 'mayfly-standbys-'))
  const workspaces = new Workspaces(data)
  let workers: Workers | undefined
  let births: number[] = []
  const said: string[] = []

  afterEach(async () => {
    await workers?.standbys.close()
    rmSync(data, { recursive: true, force: true })
  })

  it.each(['exit-at-once', 'never-ready'])(
    'are destroyed, tried ever more seldom, and told of once (%s)',
    async (name) => {
      births = []
      said.length = 0
      const limits = {
        memoryMiB: 64,
        workspaceMiB: 64,
        workspace: 'disk' as const,
        fileMiB: 64,
        openFiles: 64,
        processes: 8,
      }
      const profile = { ...limits, preload: [], network: 'host' as const, mounts: [], isLean: false }
      workers = new Workers({
        workspaces: new Workspaces(data),
        directories: new Directories({ root: data, mostMiB: 1 }),
        isolation: {
          ...bare,
          wrap() {
            births.push(performance.now())
            return []
          },
        },
        program: fileURLToPath(new URL(`../fixtures/children/programs/${name}.ts`, import.meta.url)),
        environment: { PATH: process.env.PATH ?? '' },
        machine: thisMachine(),
        probe: async () => undefined,
        standby: {
          most: 2,
          mostMiB: 256,
          reserveMiB: 0,
          rememberMs: 60_000,
          stayMs: 1_000,
          ageMs: 60_000,
          birthsAtOnce: 1,
          startDeadlineMs: 300,
          slots: { critical: 1, shared: 1 },
          floors: { critical: 1, normal: 0, batch: 0 },
          expected: { critical: profile, normal: profile, batch: profile },
        },
        availableMiB: () => 10_000,
        clock: systemClock,
        logger: pino({}, { write: (line: string) => void said.push(line) }),
      })
      workers.standbys.open()
      await expect.poll(() => births.length).toBe(5)
      expect(Number(births[4]) - Number(births[0])).toBeGreaterThanOrEqual(1_490)
      expect(said).toHaveLength(1)
      expect(said[0]).toContain('ever more seldom')
      expect(workers.standbys.areFailing).toBe(true)
      await workers.standbys.close()
      expect(workspaces.leftover()).toEqual([])
    },
  )
})
