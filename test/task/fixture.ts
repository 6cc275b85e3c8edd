import type { Task } from '../../src/task/task.ts'
import { sampleTask } from '../contracts/samples.ts'

/** A task in its first attempt, always the same one. */
export function taskLike(fields: Partial<Task> = {}): Task {
  return sampleTask({
    id: '01990000-0000-7000-8000-000000000000',
    kind: 'exec',
    state: 'running',
    attempt: 1,
    input: {},
    retry: { maxAttempts: 3, backoffSeconds: 1, maxBackoffSeconds: 60 },
    limits: {
      runSeconds: 60,
      silenceSeconds: 60,
      memoryMiB: 64,
      outputMiB: 1,
      workspaceMiB: 1,
      cpuSeconds: null,
      fileMiB: null,
      openFiles: 4096,
      processes: 512,
    },
    createdAt: 0,
    ...fields,
  })
}
