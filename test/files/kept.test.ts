import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Ask, children, startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'

describe('a kept directory', () => {
  let mayfly: TestMayfly

  beforeAll(async () => {
    mayfly = await startMayfly({ config: { kinds: [children('files')] } })
  })
  afterAll(() => mayfly.remove())

  const ask = (input: object, more: Partial<Ask> = {}) => ({ kind: 'remembers', input, ...more }) as Ask
  const there = () => readdirSync(join(mayfly.data, 'kept'))

  it('survives attempts, and is gone when the task has ended', async () => {
    const task = await mayfly.run(ask({ attempts: 3 }))
    expect(task).toMatchObject({ state: 'succeeded', result: { texts: ['1', '2', '3'] } })
    expect((task.result as { path: string }).path).toMatch(/\/workspaces\/[^/]+\/kept$/)
    await expect.poll(there).toEqual([])
  })

  it('is gone also when the task has failed or is cancelled while it waits', async () => {
    const failed = await mayfly.run(ask({ attempts: 9 }, { retry: { maxAttempts: 2 } }))
    expect(failed.state).toBe('failed')
    const waiting = await mayfly.submit(
      ask({ attempts: 9 }, { retry: { backoffSeconds: 1_000, maxBackoffSeconds: 1_000 } }),
    )
    await mayfly.untilType(waiting.id, 'task.retrying')
    expect(there()).toEqual([waiting.id])
    await mayfly.cancel(waiting.id)
    expect(await mayfly.settled(waiting.id)).toMatchObject({ state: 'cancelled' })
    await expect.poll(there).toEqual([])
  })

  it('counts in the disk limit of the task', async () => {
    const task = await mayfly.run(ask({ fillMiB: 12 }, { limits: { workspaceMiB: 8 }, retry: { maxAttempts: 1 } }))
    expect(task.error?.code).toBe('DISK_LIMIT')
    const within = await mayfly.run(
      ask({ fillMiB: 6 }, { limits: { workspaceMiB: 8, runSeconds: 2 }, retry: { maxAttempts: 1 } }),
    )
    expect(within.error?.code).toBe('TIMED_OUT')
  })

  it('is not made for a task that does not ask for it', async () => {
    const task = await mayfly.run(ask({ asks: false }))
    expect(task.state).toBe('succeeded')
    expect(existsSync(join(mayfly.data, 'kept', task.id))).toBe(false)
  })
})

describe('a start', () => {
  it('removes files that nobody knows, and keeps those of tasks that go on', async () => {
    const config = { kinds: [children('files')] }
    const first = await startMayfly({ config })
    const retry = { backoffSeconds: 1_000, maxBackoffSeconds: 1_000 }
    const waiting = await first.submit({ kind: 'remembers', input: { attempts: 9 }, retry })
    const keeps = await first.run({ kind: 'keeps', input: {} })
    await first.untilType(waiting.id, 'task.retrying')
    await first.stop()
    const { data } = first
    for (const stray of [
      'kept/someone',
      'kept/-rf',
      'artifacts/nobody',
      'uploads/acme',
      'directories/.removed-acme',
      'directories/lost',
    ]) {
      mkdirSync(join(data, stray), { recursive: true })
      writeFileSync(join(data, stray, 'file'), 'x')
    }
    mkdirSync(join(data, 'kept', keeps.id))
    const second = await startMayfly({ config, data })
    expect(readdirSync(join(data, 'kept'))).toEqual([waiting.id])
    expect(readdirSync(join(data, 'artifacts'))).toEqual([keeps.id])
    expect(readdirSync(join(data, 'uploads', 'acme'))).toEqual([])
    // Of a tenant that a lost journal may have known.
    expect(readdirSync(join(data, 'directories'))).toEqual(['lost'])
    await second.remove()
  })
})
