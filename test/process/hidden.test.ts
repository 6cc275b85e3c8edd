import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Census, MARKER } from '../../src/process/census.ts'
import { isGone, readBootId, readStat } from '../../src/process/identity.ts'
import { isAlive, killMarked } from '../../src/process/tree.ts'
import { sampleTree } from '../../src/process/usage.ts'
import { hasPython, startPython } from '../fixtures/python.ts'

/** The first thread ends, as no runtime does by itself; another sleeps on. */
const headless = `
import ctypes, platform, threading, time
threading.Thread(target=lambda: time.sleep(100)).start()
print('up', flush=True)
ctypes.CDLL(None).syscall({'x86_64': 60, 'aarch64': 93}[platform.machine()], 0)
`

const forksAndExits = (stop: string) => `
import os
print('up', flush=True)
while not os.path.exists('${stop}'):
    if os.fork(): os._exit(0)
    os.setsid()
`

const manyThreads = `
import os, threading
threading.stack_size(65536)
for _ in range(3):
    if os.fork() == 0: break
wait = threading.Event()
for _ in range(2000): threading.Thread(target=wait.wait, daemon=True).start()
print('up', flush=True)
wait.wait()
`

/** The last of a hundred threads starts a process; the others only wait. */
const lateParent = `
import subprocess, threading
threading.stack_size(65536)
wait = threading.Event()
for _ in range(100): threading.Thread(target=wait.wait, daemon=True).start()
def start():
    subprocess.Popen(['sleep', '100'])
    print('up', flush=True)
    wait.wait()
threading.Thread(target=start).start()
`

describe.skipIf(!hasPython)('a process', () => {
  let mine: string
  let directory: string
  const marker = () => ({ [MARKER]: mine })
  const look = () => new Census().look((worker) => worker === mine).marked

  beforeEach(() => {
    mine = `hidden-${process.pid}-${Math.random()}`
    directory = mkdtempSync(join(tmpdir(), 'mayfly-hidden-'))
  })

  afterEach(() => rmSync(directory, { recursive: true }))

  it('of which only the first thread has ended is there, is found and dies', async () => {
    const child = await startPython(headless, marker())
    const pid = child.pid as number
    const closed = once(child, 'close')
    await expect.poll(() => readStat(pid)?.state).toBe('Z')
    expect(isGone(pid)).toBe(false)
    const identity = { pid, startTicks: readStat(pid)?.startTicks ?? 0, bootId: readBootId() }
    expect(isAlive(identity, identity.bootId)).toBe(true)
    expect(look()).toEqual([{ pid, worker: mine }])
    expect(await killMarked(new Set([mine]), new Census())).toEqual(new Set())
    await closed
    expect(isGone(pid)).toBe(true)
  })

  it('that forks, leaves its session and exits all the time is caught up with', async () => {
    const stop = join(directory, 'stop')
    for (let i = 0; i < 3; i++) {
      const child = await startPython(forksAndExits(stop), marker())
      let isOver = false
      const closed = once(child, 'close').then(() => {
        isOver = true
      })
      await killMarked(new Set([mine]), new Census())
      // Whoever is left writes to the pipe's end: it closes with the last of them.
      await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 500))])
      const wasOver = isOver
      writeFileSync(stop, '')
      await closed
      rmSync(stop)
      expect(wasOver).toBe(true)
    }
    expect(existsSync(stop)).toBe(false)
  })

  it('that a late one of many threads has started counts with its tree', async () => {
    const child = await startPython(lateParent, {})
    try {
      expect(sampleTree(child.pid as number).processes).toBe(2)
    } finally {
      process.kill(-(child.pid as number), 'SIGKILL')
    }
  })

  it('with thousands of threads costs its watcher little time', async () => {
    const child = await startPython(manyThreads, {}, 4)
    try {
      const took = Array.from({ length: 10 }, () => {
        const before = process.threadCpuUsage()
        expect(sampleTree(child.pid as number).privateMiB).toBeGreaterThan(40)
        const { user, system } = process.threadCpuUsage(before)
        return (user + system) / 1_000
      })
      expect(Math.min(...took)).toBeLessThan(40)
    } finally {
      process.kill(-(child.pid as number), 'SIGKILL')
    }
  })
})
