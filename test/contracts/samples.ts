import type { AuditEntry } from '../../src/journal/audit.ts'
import type { Journal, Move, QueuedTask } from '../../src/journal/journal.ts'
import type { TokenRecord } from '../../src/journal/tokens.ts'
import { newTaskId } from '../../src/system/ids.ts'
import type { EventType, NewEvent, Task } from '../../src/task/task.ts'

/** A queued task with nothing special about it. */
export function sampleTask(own: Partial<Task> = {}): Task {
  return {
    id: newTaskId(),
    tenant: 'acme',
    kind: 'lint',
    pool: 'normal',
    state: 'queued',
    attempt: 0,
    input: null,
    labels: {},
    priority: 0,
    concurrency: null,
    secrets: {},
    retry: { maxAttempts: 3, backoffSeconds: 5, maxBackoffSeconds: 300 },
    limits: {
      runSeconds: 60,
      silenceSeconds: 30,
      memoryMiB: 256,
      outputMiB: 8,
      workspaceMiB: 64,
      cpuSeconds: null,
      fileMiB: null,
      openFiles: 4096,
      processes: 512,
    },
    notBefore: null,
    expiresAt: null,
    front: false,
    failures: 0,
    startFailures: 0,
    losses: 0,
    preemptions: 0,
    cancelRequested: false,
    checkpoint: null,
    progress: null,
    outcome: null,
    result: null,
    error: null,
    createdAt: 1_700_000_000_000,
    startedAt: null,
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
    ...own,
  }
}

export function sampleEvent(type: EventType = 'task.queued', attempt = 0, data = {}): NewEvent {
  return { type, at: 1_700_000_000_000, attempt, data }
}

/** A token of the tenant acme, confined in every way. */
export function sampleToken(own: Partial<TokenRecord> = {}): TokenRecord {
  return {
    id: newTaskId(),
    digest: 'ab'.repeat(32),
    name: 'ci "build" 🪰',
    tenant: 'acme',
    role: 'tenant',
    pools: ['normal', 'batch'],
    kinds: ['lint'],
    paths: true,
    createdAt: 5,
    expiresAt: 6,
    lastUsedAt: null,
    ...own,
  }
}

/** An entry of the audit log about nothing in particular. */
export function sampleEntry(own: Partial<AuditEntry> = {}): AuditEntry {
  return {
    id: newTaskId(),
    at: 1_700_000_000_000,
    tenant: 'acme',
    actor: 'admin',
    action: 'secret.put',
    subject: 'deploy-key',
    detail: { version: 1 },
    ...own,
  }
}

/** What a boot would find. */
export async function queuedIn(journal: Pick<Journal, 'queued'>): Promise<QueuedTask[]> {
  const found: QueuedTask[] = []
  for await (const task of journal.queued()) found.push(task)
  return found
}

/** The moves of a usual life, each of which says only what differs. */
export function claimMove(task: Pick<Task, 'id' | 'attempt'>, own: Partial<Move> = {}): Move {
  const process = { pid: 4711, startTicks: 99, bootId: 'b-1' }
  const waited = { dueAt: 1_700_000_000_000, rules: [{ rule: 'slots' as const, seconds: 0.001 }] }
  return {
    task: task.id,
    from: ['queued'],
    attempt: task.attempt,
    change: { state: 'starting' },
    events: [sampleEvent('task.starting', task.attempt + 1)],
    opens: { worker: `w-${task.attempt + 1}`, isolation: 1, process, at: 1_700_000_000_001, moduleHash: 'abc', waited },
    ...own,
  }
}

export function runMove(id: string, attempt: number, own: Partial<Move> = {}): Move {
  const events = [sampleEvent('task.started', attempt)]
  return { task: id, from: ['starting'], attempt, change: { state: 'running' }, events, ...own }
}

export function settlingMove(id: string, attempt: number): Move {
  return { task: id, from: ['starting', 'running'], attempt, change: { state: 'settling' }, events: [] }
}

export function succeedMove(id: string, attempt: number, own: Partial<Move> = {}): Move {
  const usage = { wallSeconds: 1.5, cpuSeconds: 0.5, peakRssMiB: 64, writtenMiB: 2, outputMiB: 1, peakProcesses: 3 }
  return {
    task: id,
    from: ['settling'],
    attempt,
    change: { state: 'succeeded', outcome: 'succeeded', result: { ok: true } },
    events: [sampleEvent('task.succeeded', attempt)],
    closes: { outcome: 'succeeded', error: null, usage, at: 1_700_000_000_002 },
    ...own,
  }
}
