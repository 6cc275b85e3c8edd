import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { type Cell, Cells } from '../../src/process/cells.ts'
import { entering } from '../../src/process/isolation.ts'
import { footing, groundsOf } from '../../src/process/level-three.ts'
import { processesWith } from '../fixtures/aftermath.ts'
import { lackOfUsers } from '../fixtures/levels.ts'

const lacked = lackOfUsers()
const grounds = groundsOf(footing().group)
const name = `mayfly-test-${process.pid}`

/** Starts a shell in a cell, and resolves with how it ended. */
function run({ doors }: Pick<Cell, 'doors'>, script: string) {
  const [program = '', ...args] = [...entering(doors), 'sh', '-c', script]
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] })
  return { child, ended: once(child, 'exit') as Promise<[number | null, string | null]> }
}

it.skipIf(lacked === undefined)(`control groups are not tried here: ${lacked}`, () => {})

describe.runIf(lacked === undefined && grounds)('a control group of a worker', () => {
  const cells = new Cells(grounds as NonNullable<typeof grounds>, name)
  afterAll(() => cells.close())
  afterEach(() => expect(cells.leftover()).toEqual([]))

  async function within(bounds: { memoryMiB: number; tasks: number }, use: (cell: Cell) => Promise<void>) {
    cells.open()
    const cell = cells.create('one', bounds)
    try {
      await use(cell)
    } finally {
      expect(await cell.emptied(5_000)).toBe(true)
      expect(cell.remove()).toBe(true)
    }
  }

  it('has the kernel end what takes more memory, and tells how much it had', async () => {
    await within({ memoryMiB: 64, tasks: 100 }, async (cell) => {
      const { ended } = run(cell, 'exec head -c 300M /dev/zero | tail -c 200M >/dev/null')
      await ended
      const { peakMiB, outOfMemory } = cell.figures()
      expect(outOfMemory).toBeGreaterThan(0)
      expect(peakMiB).toBeGreaterThan(60)
      expect(peakMiB).toBeLessThanOrEqual(64)
    })
  })

  it('has the kernel start no more processes than it may have, and tells so', async () => {
    await within({ memoryMiB: 256, tasks: 20 }, async (cell) => {
      const { ended } = run(cell, `i=0; while [ $i -lt 60 ]; do sleep 600 & i=$((i+1)); done`)
      await ended
      expect(cell.figures().refused).toBeGreaterThan(0)
    })
  })

  it('ends what left its session, its parent and its environment, and what breeds', async () => {
    const mark = `walled-${process.pid}`
    // Never as many as may be: a shell that is refused one gives up, and then there is nobody left to end.
    const brood = Array.from({ length: 10 }, () => 'sleep 0.01 &').join(' ')
    const breed = `exec setsid env -i sh -c ': ${mark}; while :; do ${brood} wait; done'`
    await within({ memoryMiB: 256, tasks: 50 }, async (cell) => {
      const { child, ended } = run(cell, `(${breed}) & (${breed}) & echo up`)
      await once(child.stdout as NonNullable<typeof child.stdout>, 'data')
      await ended
      await expect.poll(() => processesWith(mark).length).toBeGreaterThan(0)
      // Its end makes the kernel refuse more, which is none of the task's doing.
      const before = cell.figures().refused
      expect(await cell.emptied(10_000)).toBe(true)
      expect(cell.figures().refused).toBe(before)
      expect(processesWith(mark)).toEqual([])
    })
  })
})

const v2 = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'].find((place) => existsSync(join(place, 'cgroup.controllers')))
const canGroup = v2 !== undefined && process.getuid?.() === 0

describe.runIf(canGroup)('a control group of v2', () => {
  it('ends all that are in it at once', async () => {
    const place = join(v2 as string, name)
    const cell = new Cells({ version: 2, memory: v2 as string, pids: v2 as string }, name).of('one')
    mkdirSync(join(place, 'one'), { recursive: true })
    try {
      expect(existsSync(join(place, 'one', 'cgroup.kill'))).toBe(true)
      const { ended } = run(cell, 'sleep 600 & sleep 600')
      await expect.poll(() => readFileSync(join(place, 'one', 'cgroup.procs'), 'utf8').split('\n').length).toBe(4)
      cell.kill()
      expect(await ended).toEqual([null, 'SIGKILL'])
      expect(await cell.emptied(5_000)).toBe(true)
    } finally {
      expect(cell.remove()).toBe(true)
      rmdirSync(place)
    }
  })
})

describe('what is written and read of control groups', () => {
  const place = mkdtempSync(join(tmpdir(), 'mayfly-cells-'))
  afterAll(() => rmSync(place, { recursive: true, force: true }))

  it('has the names of v2 where there is v2', () => {
    writeFileSync(join(place, 'cgroup.subtree_control'), '')
    const cells = new Cells({ version: 2, memory: place, pids: place }, 'all')
    cells.open()
    expect(readFileSync(join(place, 'cgroup.subtree_control'), 'utf8')).toBe('+memory +pids')
    expect(readFileSync(join(place, 'all', 'cgroup.subtree_control'), 'utf8')).toBe('+memory +pids')
    const cell = cells.create('w', { memoryMiB: 2, tasks: 7 })
    const said = (file: string) => readFileSync(join(place, 'all', 'w', file), 'utf8')
    expect([said('memory.max'), said('memory.swap.max'), said('pids.max')]).toEqual(['2097152', '0', '7'])
    expect(cell.doors).toEqual([join(place, 'all', 'w', 'cgroup.procs')])
    writeFileSync(join(place, 'all', 'w', 'memory.events'), 'low 0\nhigh 0\nmax 9\noom 3\noom_kill 2\n')
    writeFileSync(join(place, 'all', 'w', 'memory.current'), '1048576\n')
    writeFileSync(join(place, 'all', 'w', 'pids.events'), 'max 4\n')
    expect(cell.figures()).toEqual({ peakMiB: 1, outOfMemory: 2, refused: 4 })
    writeFileSync(join(place, 'all', 'w', 'memory.peak'), '2097152\n')
    expect(cell.figures().peakMiB).toBe(2)
  })
})

describe('a control group that cannot be read', () => {
  it('is not taken for an empty one', async () => {
    const place = mkdtempSync(join(tmpdir(), 'mayfly-cell-'))
    const cell = new Cells({ version: 2, memory: place, pids: place }, 'tests').of('one')
    expect(await cell.emptied(0)).toBe(true)
    mkdirSync(join(cell.pids, 'cgroup.procs'), { recursive: true })
    expect(await cell.emptied(50)).toBe(false)
    rmSync(place, { recursive: true })
  })
})
