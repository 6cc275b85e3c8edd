import { spawn } from 'node:child_process'
import { once } from 'node:events'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { Census, MARKER } from '../../src/process/census.ts'
import { isGone, parseStat, readBootId, readStat } from '../../src/process/identity.ts'
import { childrenOf, isAlive, killIdentified, killMarked } from '../../src/process/tree.ts'
import { sampleTree } from '../../src/process/usage.ts'
import { exitOf } from '../../src/process/worker.ts'
import { processesWith } from '../fixtures/aftermath.ts'

const fields = 'S 10 4242 4242 0 -1 4194304 1 2 3 4 50 60 7 8 20 0 1 0 123456 1000 200'

describe('a process’s stat', () => {
  it('is read whatever the process calls itself', () => {
    const expected = {
      state: 'S',
      group: 4242,
      cpuTicks: 110,
      childrenCpuTicks: 15,
      isKernelThread: false,
      startTicks: 123456,
    }
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 16, size: 'max' }), (name) => {
        expect(parseStat(`999 (${name}) ${fields}\n`)).toEqual(expected)
      }),
    )
    for (const name of [') S 1 (', '))', '(', '', ') Z 1 1 1', '\n', ' '])
      expect(parseStat(`999 (${name}) ${fields}`)).toEqual(expected)
  })

  it('is that of the living', () => {
    expect(readStat(process.pid)).toMatchObject({ state: expect.stringMatching(/[RS]/) })
    expect(isGone(process.pid)).toBe(false)
    expect(isGone(2 ** 30)).toBe(true)
    expect(readBootId()).toMatch(/^[0-9a-f-]{36}$/)
  })
})

describe('a process that was recorded', () => {
  const children: number[] = []
  const bootId = readBootId()

  afterEach(() => {
    for (const pid of children.splice(0)) {
      try {
        process.kill(-pid, 'SIGKILL')
      } catch {}
    }
  })

  async function start(script: string, environment: Record<string, string> = {}) {
    const env = { PATH: process.env.PATH ?? '', ...environment }
    const child = spawn('sh', ['-c', `${script}`], { detached: true, env, stdio: ['ignore', 'pipe', 'ignore'] })
    children.push(child.pid as number)
    await once(child.stdout, 'data')
    const pid = child.pid as number
    return { child, exited: once(child, 'exit'), identity: { pid, startTicks: readStat(pid)?.startTicks ?? 0, bootId } }
  }

  it('is only itself: not another with its pid, not one of another boot', async () => {
    const { identity } = await start('echo up; sleep 100')
    expect(isAlive(identity, bootId)).toBe(true)
    expect(isAlive({ ...identity, startTicks: identity.startTicks + 1 }, bootId)).toBe(false)
    expect(isAlive(identity, 'another boot')).toBe(false)
    killIdentified({ ...identity, startTicks: identity.startTicks - 1 }, bootId)
    killIdentified(identity, 'another boot')
    expect(isAlive(identity, bootId)).toBe(true)
  })

  it('is killed with its group', async () => {
    const { identity, exited } = await start('sleep 100 & echo up; wait')
    const [inside] = childrenOf(identity.pid)
    killIdentified(identity, bootId)
    await exited
    expect(isAlive(identity, bootId)).toBe(false)
    await expect.poll(() => isGone(inside as number)).toBe(true)
  })

  it('is found by its marker, wherever that stands, and killed until nobody is left', async () => {
    const mine = `marked-${process.pid}`
    const first = await start('echo up; setsid sleep 100 & setsid sleep 100 & sleep 100', { [MARKER]: mine, Z: '1' })
    const other = await start('echo up; sleep 100', {
      A: `${MARKER}=${mine}`,
      [`X${MARKER}`]: mine,
      [MARKER]: `${mine}x`,
    })
    expect(new Census().look((worker) => worker === mine).marked.length).toBeGreaterThanOrEqual(1)
    expect(await killMarked(new Set([mine]), new Census())).toEqual(new Set())
    await first.exited
    expect(new Census().look((worker) => worker === mine).marked).toEqual([])
    expect(isAlive(other.identity, bootId)).toBe(true)
  })

  it('is killed also when it is only being started', async () => {
    for (let i = 0; i < 60; i++) {
      const mine = `starting-${process.pid}-${i}`
      const seconds = `${process.pid}.${7_000 + i}`
      const env = { PATH: process.env.PATH ?? '', [MARKER]: mine }
      await once(spawn('sh', ['-c', `(setsid sleep ${seconds} &) &`], { env, stdio: 'ignore' }), 'exit')
      await killMarked(new Set([mine]), new Census())
      expect(processesWith(`sleep\0${seconds}`)).toEqual([])
    }
  })

  it('costs what its tree costs', async () => {
    const { identity } = await start('echo up; sleep 100 & sleep 100')
    const usage = sampleTree(identity.pid)
    expect(usage.rssMiB).toBeGreaterThan(0.1)
    const nothing = { cpuSeconds: 0, rssMiB: 0, privateMiB: 0, writtenMiB: 0, openFiles: 0 }
    expect(sampleTree(2 ** 30)).toMatchObject(nothing)
  })
})

describe('an exit', () => {
  it.each([
    [0, 137, null, { code: 137, signal: null }],
    [1, 137, null, { code: null, signal: 'SIGKILL' }],
    [1, 134, null, { code: null, signal: 'SIGABRT' }],
    [1, 128, null, { code: 128, signal: null }],
    [1, 255, null, { code: 255, signal: null }],
    [1, 3, null, { code: 3, signal: null }],
    [1, null, 'SIGKILL', { code: null, signal: 'SIGKILL' }],
  ] as const)('at level %i with %j, %j', (level, code, signal, exit) => {
    expect(exitOf(level, code, signal)).toEqual(exit)
  })
})
