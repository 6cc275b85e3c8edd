import { execFileSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import type { TaskPage } from '../../src/contract/task.ts'
import { isInstalled } from '../fixtures/installed.ts'
import { outerLevels } from '../fixtures/levels.ts'
import { type Orchestrator, Site } from './support/orchestrator.ts'
import { openFilesOf, processesWith, usageNotesOf, workspacesOf } from './support/traces.ts'

let orchestrator: Orchestrator | undefined

afterEach(() => orchestrator?.kill())

const mayOpen = (pid: number, most: number) => execFileSync('prlimit', ['--pid', String(pid), `--nofile=${most}:`])

describe.skipIf(!isInstalled('prlimit')).each(outerLevels)(
  'a server at level %i without descriptors for a while (it takes prlimit)',
  (level) => {
    it('goes on, and every task has its end', { timeout: 120_000 }, async () => {
      const site = await Site.create({
        isolation: { atMost: level },
        sharedSlots: 12,
        askGraceSeconds: 0.5,
        memoryMiB: null,
        maxStartFailures: 100,
      })
      orchestrator = site.start()
      await orchestrator.listening
      const pid = orchestrator.child.pid ?? 0
      const ask = {
        kind: 'exec',
        input: { command: ['sleep', '600'] },
        limits: { silenceSeconds: 2 },
        retry: { maxAttempts: 1 },
      }
      const tasks = Array.from({ length: 24 }, () => ask)
      await site.json('POST', '/v1/tasks/batch', { tasks })
      // What is open stays open, and nothing more can be.
      for (const spare of [8, 4, 0, 0, 0]) {
        mayOpen(pid, openFilesOf(pid) + spare)
        if (spare === 0) mayOpen(pid, 8)
        await sleep(900)
        mayOpen(pid, 4_096)
        await sleep(300)
      }
      const states = async () =>
        (await site.json<TaskPage>('GET', '/v1/tasks?limit=100')).items.map((one) => one.error?.code)
      await expect.poll(states, { timeout: 60_000 }).toEqual(tasks.map(() => 'SILENT'))
      expect(orchestrator.child.exitCode).toBeNull()
      await orchestrator.kill('SIGTERM')
      expect(processesWith(site.data)).toEqual([])
      // Nobody can remove a directory without a descriptor: the log says so, and the next start does it.
      orchestrator = site.start()
      await orchestrator.listening
      expect(workspacesOf(site.data)).toEqual([])
      expect(usageNotesOf(site.data)).toEqual([])
    })
  },
)
