import { expect, test } from 'vitest'
import { waitingOf } from '../../src/schedule/waiting.ts'
import type { Task } from '../../src/task/task.ts'
import { waiting } from './fixture.ts'

test('the board keeps of a task what decides about its start, and no payload', () => {
  const kept = waiting('a', { memoryMiB: 512, concurrency: { key: 'org', limit: 1 }, front: true })
  const {
    memoryMiB,
    filesInMemoryMiB: _none,
    workspaceMiB,
    fileMiB,
    openFiles,
    processes,
    awaits: _,
    hasBegun,
    ...same
  } = kept
  const task: Task = {
    ...same,
    state: 'queued',
    input: { source: 'force-app' },
    labels: {},
    secrets: { token: 'vault:token' },
    retry: { maxAttempts: 1, backoffSeconds: 1, maxBackoffSeconds: 1 },
    limits: {
      runSeconds: 60,
      silenceSeconds: 60,
      memoryMiB,
      outputMiB: 1,
      workspaceMiB,
      cpuSeconds: null,
      fileMiB,
      openFiles,
      processes,
    },
    failures: 0,
    startFailures: 0,
    losses: 0,
    cancelRequested: false,
    checkpoint: null,
    progress: null,
    outcome: null,
    result: null,
    error: null,
    startedAt: hasBegun ? 1 : null,
    settledAt: null,
    lastSeq: 1,
    parent: null,
    childKey: null,
    depth: 0,
    retryOf: null,
    debug: false,
    awaits: null,
    cleaning: null,
    cleanupFailures: 0,
    isolation: null,
    node: null,
  }
  expect(waitingOf(task)).toEqual(kept)
  const inMemory = waitingOf({ ...task, limits: { ...task.limits, workspace: 'memory' } })
  expect(inMemory).toEqual({ ...kept, memoryMiB: 512 + workspaceMiB, filesInMemoryMiB: workspaceMiB })
})
