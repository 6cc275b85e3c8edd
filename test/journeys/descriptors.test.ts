import { execFileSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { isInstalled } from '../fixtures/installed.ts'
import { levels } from '../fixtures/levels.ts'
import { type Orchestrator, Site } from './support/orchestrator.ts'
import { openFilesOf, processesWith, usageNotesOf, workspacesOf } from './support/traces.ts'
import { Watcher } from './support/watcher.ts'

let orchestrator: Orchestrator | undefined

afterEach(() => orchestrator?.kill())

const mayOpen = (pid: number, most: number) => execFileSync('prlimit', ['--pid', String(pid), `--nofile=${most}:`])

describe.skipIf(!isInstalled('prlimit')).each(levels)(
  'a server at level %i without descriptors for a while (it takes prlimit)',
  (level) => {
    it('goes on, and every task has an end, within its limits and once', { timeout: 120_000 }, async () => {
      const site = await Site.create({
        isolation: { require: level },
        sharedSlots: 12,
        askGraceSeconds: 0.5,
        memoryMiB: null,
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
      const { items } = await site.json<{ items: { task: { id: string } }[] }>('POST', '/v1/tasks/batch', { tasks })
      const watchers = items.map(({ task }) => new Watcher(site, task.id))
      // What is open stays open, and nothing more can be.
      for (const spare of [8, 4, 0, 0, 0]) {
        mayOpen(pid, openFilesOf(pid) + spare)
        if (spare === 0) mayOpen(pid, 8)
        await sleep(900)
        mayOpen(pid, 4_096)
        await sleep(300)
      }
      for (const { type, data } of await Promise.all(watchers.map(({ done }) => done)))
        expect({ type, error: data.error }).toMatchObject({ type: 'task.failed', error: { code: 'SILENT' } })
      expect(orchestrator.child.exitCode).toBeNull()
      await orchestrator.kill('SIGTERM')
      expect(processesWith(site.data)).toEqual([])
      expect(workspacesOf(site.data)).toEqual([])
      expect(usageNotesOf(site.data)).toEqual([])
    })
  },
)
