import { beforeEach, describe, expect, it } from 'vitest'
import type { ContractEvent } from '../../../../src/contract/event.ts'
import { TasksInView } from '../../../../src/faces/vscode/view/model.ts'
import { event, task } from '../fixtures/tasks.ts'

let tasks: TasksInView

beforeEach(() => {
  tasks = new TasksInView()
})

const see = (...events: ContractEvent[]) => {
  for (const one of events) tasks.see({ type: 'event', task: task().id, event: one })
  return tasks.get(task().id)
}

describe('the tasks in view', () => {
  it('are as they were shown, and then as their events say', () => {
    tasks.see({ type: 'task', task: task({ state: 'queued' }) })
    expect(tasks.counts).toEqual({ queued: 1, running: 0 })
    expect(see(event('task.starting'), event('task.started'))?.state).toBe('running')
    expect(tasks.counts).toEqual({ queued: 0, running: 1 })
    expect(see(event('task.progress', { phase: 'linting', percent: 40 }))?.seen.percent).toBe(40)
    const error = { code: 'OUT_OF_MEMORY', message: 'it took too much', retryable: false }
    expect(see(event('task.failed', { error }))).toMatchObject({
      state: 'failed',
      complaint: 'it took too much (OUT_OF_MEMORY)',
    })
    expect(tasks.counts).toEqual({ queued: 0, running: 0 })
  })

  it('are not changed by logs, by events of a later version, nor by those of tasks that were never shown', () => {
    expect(see(event('task.started'))).toBeUndefined()
    tasks.see({ type: 'task', task: task({ state: 'running' }) })
    const log = event('task.log', { stream: 'stdout', text: 'hello' })
    for (const one of [log, event('task.teleported' as ContractEvent['type'])]) {
      expect(tasks.see({ type: 'event', task: task().id, event: one })).toBeUndefined()
    }
    expect(tasks.get(task().id)?.state).toBe('running')
  })

  it('are gone when a new connection does not show them any more', () => {
    tasks.see({ type: 'task', task: task({ state: 'running' }) })
    tasks.see({ type: 'task', task: task({ id: 'b', state: 'running' }) })
    tasks.see({ type: 'task', task: task({ id: 'c', state: 'succeeded' }) })
    tasks.lost()
    tasks.see({ type: 'task', task: task({ id: 'b', state: 'running' }) })
    expect(tasks.live()).toEqual([task().id])
    expect(tasks.all.map(({ id }) => id)).toEqual(['b', 'c'])
  })

  it('are counted with those that wait unseen, until they come into view', () => {
    const moment = (second: number) => `2026-01-01T00:00:0${second}.000Z`
    tasks.see({ type: 'task', task: task({ id: 'new', state: 'queued', createdAt: moment(1), startedAt: null }) })
    tasks.live()
    tasks.waiting(5)
    expect(tasks.counts).toEqual({ queued: 5, running: 0 })
    tasks.see({ type: 'task', task: task({ id: 'begins', state: 'starting', startedAt: null }) })
    tasks.see({ type: 'task', task: task({ id: 'begun', state: 'running', startedAt: moment(2) }) })
    expect(tasks.counts).toEqual({ queued: 3, running: 2 })
    // It ran when they were counted.
    tasks.see({ type: 'task', task: task({ id: 'ends', state: 'cancelled', startedAt: moment(0) }) })
    expect(tasks.counts).toEqual({ queued: 3, running: 2 })
    tasks.live()
    expect(tasks.counts.queued).toBe(1)
  })

  it('keep every unfinished one, and of the others the latest hundred', () => {
    for (let at = 0; at < 150; at++) {
      const id = String(at).padStart(3, '0')
      tasks.see({ type: 'task', task: task({ id: `q${id}`, state: 'queued' }) })
      tasks.see({ type: 'task', task: task({ id: `s${id}`, state: 'succeeded' }) })
    }
    expect(tasks.counts.queued).toBe(150)
    const settled = tasks.all.filter(({ state }) => state === 'succeeded').map(({ id }) => id)
    expect([settled.length, settled[0]]).toEqual([100, 's050'])
  })
})
