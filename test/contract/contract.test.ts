import { describe, expect, it } from 'vitest'
import { BatchRequest } from '../../src/contract/batch.ts'
import { guardOf } from '../../src/contract/check.ts'
import { ContractEvent } from '../../src/contract/event.ts'
import { Explanation } from '../../src/contract/explanation.ts'
import { INBOUND } from '../../src/contract/inbound.ts'
import { OUTBOUND } from '../../src/contract/outbound.ts'
import { toContractEvent, toContractTask, toEventMessage } from '../../src/contract/present.ts'
import { TaskRequest } from '../../src/contract/request.ts'
import { ContractTask } from '../../src/contract/task.ts'
import { EVENT_TYPES, type Task, type TaskEvent } from '../../src/task/task.ts'

/** The names that clients may rely on, written out: a schema that loses one breaks a promise. */
const promised = {
  request: 'kind input pool priority notBefore ttlSeconds concurrency secrets retry limits labels',
  task:
    'id tenant kind pool state attempt input progress outcome result error labels priority notBefore concurrency ' +
    'retryOf parent preemptions cleaning createdAt startedAt settledAt lastSeq isolation node',
  explanation: 'state position isPositionLeast ahead blockedBy estimate waits waitedSeconds',
  event: 'seq type at attempt data',
  inbound: 'submit subscribe unsubscribe cancel ping',
  outbound: 'hello accepted subscribed snapshot live unsubscribed cancelling pong event gap error bye',
  eventTypes:
    'queued starting started progress log checkpoint artifact preempting requeued retrying suspended cancelling ' +
    'cleanup succeeded failed cancelled',
}

const task: Task = {
  id: '01890a5d-ac96-774b-bcce-b302099a8057',
  tenant: 'acme',
  kind: 'exec',
  pool: 'batch',
  state: 'failed',
  attempt: 2,
  input: { command: ['true'] },
  labels: { branch: 'main' },
  priority: -60,
  concurrency: { key: 'org', limit: 1 },
  secrets: { token: 'vault:TOKEN' },
  retry: { maxAttempts: 3, backoffSeconds: 1, maxBackoffSeconds: 60 },
  limits: {
    runSeconds: 60,
    silenceSeconds: 60,
    memoryMiB: 128,
    outputMiB: 1,
    workspaceMiB: 1,
    cpuSeconds: null,
    fileMiB: null,
    openFiles: 4096,
    processes: 512,
  },
  notBefore: 1_700_000_000_000,
  expiresAt: null,
  front: false,
  failures: 1,
  startFailures: 0,
  losses: 0,
  preemptions: 0,
  cancelRequested: false,
  checkpoint: { secretive: true },
  progress: { phase: 'copying', percent: null, done: 3 },
  outcome: 'failed',
  result: null,
  error: { code: 'TASK_FAILED', message: 'it failed', exitCode: 3, retryable: false },
  createdAt: 1_700_000_000_000,
  startedAt: 1_700_000_001_000,
  settledAt: null,
  lastSeq: 7,
  parent: null,
  childKey: null,
  depth: 0,
  retryOf: null,
  debug: false,
  awaits: null,
  cleaning: null,
  cleanupFailures: 0,
  isolation: 1,
  node: 'n1',
}

const event: TaskEvent = { task: task.id, tenant: 'acme', seq: 7, type: 'task.log', at: 0, attempt: 2, data: { a: 1 } }

describe('the contract', () => {
  it.each([
    ['the task request', promised.request, TaskRequest.properties],
    ['the task', promised.task, ContractTask.properties],
    ['the explanation', promised.explanation, Explanation.properties],
    ['the event', promised.event, ContractEvent.properties],
    ['what clients send', promised.inbound, INBOUND],
    ['what the server sends', promised.outbound, OUTBOUND],
  ])('has every promised name of %s, and no other', (_what, names, schema) => {
    expect(Object.keys(schema).sort()).toEqual(names.split(' ').sort())
  })

  it('has every promised type of event', () => {
    expect([...EVENT_TYPES]).toEqual(promised.eventTypes.split(' ').map((name) => `task.${name}`))
  })
})

describe('a batch', () => {
  it('is checked without its items, of which each is checked for itself', () => {
    let looks = 0
    const item = {
      get kind() {
        looks++
        return 'lint'
      },
      input: {},
    }
    expect([guardOf(BatchRequest)({ tasks: [item, null, 5] }), looks]).toEqual([true, 0])
  })
})

describe('what clients see', () => {
  it('is a task of the contract, without what is nobody’s business', () => {
    const seen = toContractTask(task)
    expect(guardOf(ContractTask)(JSON.parse(JSON.stringify(seen)))).toBe(true)
    expect(seen).toMatchObject({ notBefore: '2023-11-14T22:13:20.000Z', settledAt: null, parent: null, retryOf: null })
    expect(JSON.stringify(seen)).not.toContain('vault:')
    expect(JSON.stringify(seen)).not.toContain('secretive')
  })

  it('is an event of the contract, alone and as a message', () => {
    expect(guardOf(ContractEvent)(toContractEvent(event))).toBe(true)
    const message: unknown = JSON.parse(toEventMessage(event).toString())
    expect(guardOf(OUTBOUND.event)(message)).toBe(true)
    expect(message).toMatchObject({ type: 'event', task: task.id, seq: 7, event: { seq: 7 } })
  })
})
