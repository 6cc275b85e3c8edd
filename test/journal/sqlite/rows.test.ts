import { describe, expect, test } from 'vitest'
import { bodyNames, encodeField, taskNames } from '../../../src/journal/sqlite/columns.ts'
import { bodyRow, plainNames, plainRest, taskRow } from '../../../src/journal/sqlite/rows.ts'
import type { Task } from '../../../src/task/task.ts'
import { sampleTask } from '../../contracts/samples.ts'

/** Different in every field from every other. */
const task: Task = {
  ...sampleTask(),
  kind: 'deploy',
  pool: 'batch',
  state: 'settling',
  attempt: 2,
  input: { org: 'devhub' },
  labels: { branch: 'main' },
  priority: 3.5,
  concurrency: { key: 'org', limit: 4 },
  secrets: { token: 'vault:token' },
  notBefore: 1_700_000_000_005.2,
  expiresAt: 1_700_000_000_006,
  front: true,
  failures: 7,
  startFailures: 8,
  losses: 9,
  preemptions: 10,
  cancelRequested: true,
  checkpoint: { page: 11 },
  progress: { phase: 'copy', percent: 12 },
  outcome: 'failed',
  result: { rows: 13 },
  error: { code: 'TASK_FAILED', message: 'it did', retryable: false },
  startedAt: 1_700_000_000_014,
  settledAt: 1_700_000_000_015,
  lastSeq: 1,
  parent: 'parent',
  childKey: 'child',
  depth: 16,
  retryOf: 'former',
  debug: true,
  awaits: ['one', 'other'],
  cleaning: 'cancelled',
  cleanupFailures: 17,
  isolation: 18,
  node: 'here',
}

describe('the rows of a new task', () => {
  test('have every field in the place of its column', () => {
    expect(taskRow(task)).toEqual(taskNames.map((name) => encodeField(name, task[name])))
    expect(bodyRow(task)).toEqual(bodyNames.map((name) => encodeField(name, task[name])))
  })

  test('have only what is its own where nothing has happened to it, unless it asks for something special', () => {
    const plain = sampleTask({ input: 1, notBefore: 2.5, priority: -1, labels: { a: 'b' } })
    expect(taskRow(plain)).toEqual(plainNames.map((name) => encodeField(name, plain[name])))
    expect(bodyRow(plain)).toEqual(['1'])
    for (const name of taskNames) {
      if (name === 'lastSeq' || (plainNames as readonly string[]).includes(name)) continue
      const special = { ...plain, [name]: task[name] }
      expect(taskRow(special), name).toEqual(taskNames.map((each) => encodeField(each, special[each])))
    }
    for (const name of bodyNames)
      expect(bodyRow({ ...plain, [name]: { of: name } })[bodyNames.indexOf(name)]).toBe(JSON.stringify({ of: name }))
    expect(Object.entries(plainRest)).toEqual(Object.keys(plainRest).map((name) => [name, plain[name as keyof Task]]))
    expect(
      taskNames.every((name) => plain[name] === null || name in plainRest || plainNames.some((own) => own === name)),
    ).toBe(true)
  })

  test('are those of this task, whatever others share with it', () => {
    const shared = Object.freeze({ ...task.retry, maxAttempts: 9 })
    const own = { ...task.retry }
    const texts = (retry: Task['retry']) => taskRow({ ...task, retry })[taskNames.indexOf('retry')]
    expect([texts(shared), texts(shared)]).toEqual([JSON.stringify(shared), JSON.stringify(shared)])
    expect(texts(own)).toBe(JSON.stringify(own))
    Object.assign(own, { maxAttempts: 4 })
    expect(texts(own)).toBe(JSON.stringify(own))
  })

  test('come with the first event, whatever the task says of it', () => {
    expect(taskRow({ ...task, lastSeq: 0 })[taskNames.indexOf('lastSeq')]).toBe(1)
  })
})
