import type { Task, TaskEvent } from '../task/task.ts'
import type { ContractEvent } from './event.ts'
import type { Outbound } from './outbound.ts'
import type { ContractTask } from './task.ts'

/** The task as clients see it: no secret's reference, no scheduling detail, times as text. */
export function toContractTask(task: Task): ContractTask {
  return {
    id: task.id,
    tenant: task.tenant,
    kind: task.kind,
    pool: task.pool,
    state: task.state,
    attempt: task.attempt,
    input: task.input,
    progress: task.progress,
    outcome: task.outcome,
    result: task.result,
    error: task.error,
    labels: task.labels,
    priority: task.priority,
    notBefore: toMoment(task.notBefore),
    concurrency: task.concurrency,
    retryOf: task.retryOf,
    parent: task.parent,
    preemptions: task.preemptions,
    cleaning: task.cleaning,
    createdAt: toMoment(task.createdAt),
    startedAt: toMoment(task.startedAt),
    settledAt: toMoment(task.settledAt),
    lastSeq: task.lastSeq,
    isolation: task.isolation,
    node: task.node,
  }
}

export function toContractEvent(event: TaskEvent): ContractEvent {
  const { seq, type, attempt, data } = event
  return { seq, type, at: toMoment(event.at), attempt, data }
}

/** The stream's message for an event, ready for every socket that wants it. */
export function toEventMessage(event: TaskEvent): Buffer {
  const message: Outbound<'event'> = {
    type: 'event',
    task: event.task,
    seq: event.seq,
    event: toContractEvent(event),
  }
  return Buffer.from(JSON.stringify(message))
}

/** A time as clients see it; null where it has not come. */
export function toMoment(milliseconds: number): string
export function toMoment(milliseconds: number | null): string | null
export function toMoment(milliseconds: number | null): string | null {
  return milliseconds === null ? null : new Date(milliseconds).toISOString()
}
