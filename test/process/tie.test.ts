import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { isGone } from '../../src/process/identity.ts'
import { openLibc } from '../../src/process/libc.ts'
import { probeIsolation } from '../../src/process/probe.ts'
import { Programs } from '../../src/process/programs.ts'
import { type Spawn, spawnHere } from '../../src/process/spawn.ts'
import { spawnByNode } from '../../src/process/spawn-by-node.ts'
import { Tie } from '../../src/process/tie.ts'
import { tieHolds } from '../../src/process/tie-holds.ts'

const program = fileURLToPath(new URL('../fixtures/children/programs/tied.ts', import.meta.url))
const environment = { PATH: process.env.PATH ?? '' }
const spawn = spawnHere()
const libc = openLibc()

const directory = mkdtempSync(join(tmpdir(), 'mayfly-tie-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const waits = { program: 'sh', args: ['-c', 'read word'], cwd: '/', env: environment }
const openDescriptors = () => readdirSync('/proc/self/fd').length
const startTied = (by: Spawn, tie: Tie) => by({ ...waits, descriptors: ['pipe', 'ignore', 'ignore', tie] })

describe.runIf(libc)('a process that is tied to its starter', () => {
  const { pipe, killFrom } = libc as NonNullable<typeof libc>
  let started: readonly number[] = []
  afterEach(() => {
    for (const pid of started.filter((one) => !isGone(one))) process.kill(pid, 'SIGKILL')
  })

  it('is killed with it though it spins, and neither before nor with another', async () => {
    const starter = fork(program)
    const [{ tied, free }] = (await once(starter, 'message')) as [{ tied: [number, number]; free: number }]
    const [first, second] = tied
    started = [first, second, free]
    process.kill(first, 'SIGKILL')
    await expect.poll(() => isGone(first)).toBe(true)
    expect([second, free].map(isGone)).toEqual([false, false])
    starter.kill('SIGKILL')
    await expect.poll(() => isGone(second)).toBe(true)
    expect(isGone(free)).toBe(false)
  })

  it('is not left when it cannot be tied, and no descriptor either', async () => {
    let pid = 0
    const tie = new Tie({
      pipe,
      killFrom: (_, toBeTied) => {
        pid = toBeTied
        throw new Error('not to be tied')
      },
    })
    const before = openDescriptors()
    await expect(startTied(spawn, tie)).rejects.toThrow('not to be tied')
    expect(isGone(pid)).toBe(true)
    await expect.poll(openDescriptors).toBeLessThanOrEqual(before)
    tie.cut()
  })

  it('is not started where Node starts it', async () => {
    const tie = new Tie({ pipe, killFrom })
    await expect(startTied(spawnByNode, tie)).rejects.toThrow('nothing can be tied')
    tie.cut()
  })
})

describe('whether a tie holds', () => {
  it.runIf(libc)('is seen by what the kernel does', async () => {
    expect(await tieHolds(spawn, environment)).toBe(true)
  })

  it.runIf(libc)('is seen where the kernel does nothing', async () => {
    const { pipe } = libc as NonNullable<typeof libc>
    const newTie = () => new Tie({ pipe, killFrom: () => {} })
    expect(await tieHolds(Object.assign(spawn.bind(null), { setsLimits: true, newTie }), environment)).toBe(false)
  })

  it('is not asked where nothing can be tied, or started', async () => {
    expect(await tieHolds(spawnByNode, environment)).toBe(false)
    expect(await tieHolds(spawn, { PATH: '/no/such/directory' })).toBe(false)
  })

  it('is seen without losing a descriptor', async () => {
    const before = openDescriptors()
    await tieHolds(spawn, environment)
    await tieHolds(spawn, { PATH: '/no/such/directory' })
    await expect.poll(openDescriptors).toBeLessThanOrEqual(before)
  })

  it.runIf(libc)('is seen without losing one where a worker that is tied cannot be started', async () => {
    symlinkSync('/bin/sh', join(directory, 'sh'))
    const scratch = join(directory, 'scratch')
    const view = () => expect.unreachable('level 2 is not tried')
    const ground = { programs: new Programs(), spawn, environment: { PATH: directory }, view, scratch }
    const before = openDescriptors()
    const { isolation, missing } = await probeIsolation(1, ground)
    expect(isolation.level).toBe(0)
    expect(missing).toMatch(/unshare ENOENT/)
    await expect.poll(openDescriptors).toBeLessThanOrEqual(before)
  })
})
