import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { watch } from '../../src/launch/watch.ts'
import { Strays } from '../../src/process/strays.ts'
import type { Worker } from '../../src/process/worker.ts'
import { systemLogger } from '../../src/system/logger.ts'
import { Attempt } from '../../src/task/attempt.ts'
import { defaultLimits } from '../../src/task/limits.ts'
import type { Task } from '../../src/task/task.ts'
import { Vitals } from '../../src/task/vitals.ts'

const limits = { ...defaultLimits, memoryMiB: 1_000, workspaceMiB: 1 }

it('goes on watching when one look fails', async () => {
  const child = spawn('sleep', ['600'], { stdio: 'ignore' })
  onTestFinished(() => void child.kill('SIGKILL'))
  const attempt = new Attempt({ id: 'task', limits } as Task)
  let looks = 0
  const failing = async () => {
    looks++
    if (looks === 1) throw Object.assign(new Error('i/o error'), { code: 'EIO' })
    return { bytes: 2 * 1024 * 1024, largestBytes: 0, isHidden: false }
  }
  const seen = { id: 'worker', identity: { pid: child.pid, startTicks: 0, bootId: '' }, brake: async () => true }
  const worker = seen as unknown as Worker
  const soon = {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    after: (milliseconds: number, call: () => void) => {
      const timer = setTimeout(call, milliseconds / 50)
      return () => clearTimeout(timer)
    },
  }
  watch(attempt, worker, new Vitals(soon.monotonic()), {
    clock: soon,
    workspaces: { measure: failing, pathOf: () => '/' },
    strays: new Strays(),
    registry: new Map(),
    directories: { measure: failing, mostMiB: 1 },
    usageNotes: { note() {} },
    logger: systemLogger('silent'),
    startDeadlineMs: 60_000,
  })
  expect(await Promise.race([attempt.ended, sleep(60_000)])).toMatchObject({ cause: 'disk' })
  expect(looks).toBe(2)
})
