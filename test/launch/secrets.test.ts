import { createHash, randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { takeOver } from '../../src/system/zeroable.ts'
import { outerLevels } from '../fixtures/levels.ts'
import { children, startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'

const digestOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

describe.each(outerLevels)('secrets at level %i', (level) => {
  let mayfly: TestMayfly
  /** Tasks that a worker was told of. */
  const told = new Set<string>()

  beforeAll(async () => {
    mayfly = await startMayfly({
      config: { kinds: [children('secrets')], isolation: { atMost: level } },
      hooks: { witness: (waypoint, task) => void (waypoint === 'launch.told' && told.add(task)) },
    })
  })
  afterAll(() => mayfly.remove())

  const store = (name: string, value: Uint8Array, tenant = 'default') =>
    mayfly.vault.put(tenant, name, takeOver(Buffer.from(value)), Date.now())

  it('reach the task that asks for them, byte for byte', async () => {
    const values = {
      short: randomBytes(8),
      large: randomBytes(64 * 1024),
      lines: Buffer.from('-----BEGIN-----\nline\n-----END-----\n'),
      json: Buffer.from('{"password":"correct horse"}'),
    }
    for (const [name, value] of Object.entries(values)) await store(name, value)
    const secrets = { short: 'short', large: 'vault:large', lines: 'lines', json: 'vault:json' }
    const task = await mayfly.run({ kind: 'digest', secrets })
    const digests = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, digestOf(value)]))
    expect(task).toMatchObject({ state: 'succeeded', result: digests })
  })

  it('are in the audit log by name, each use of each attempt', async () => {
    await store('audited', Buffer.from('a value to use'))
    const task = await mayfly.run({ kind: 'digest', secrets: { a: 'audited', b: 'vault:audited' } })
    const { entries } = await mayfly.audit.page({ limit: 1 })
    expect(entries).toMatchObject([
      { tenant: 'default', actor: task.id, action: 'secret.used', subject: 'audited', detail: { attempt: 1 } },
    ])
  })

  it('end the attempt that cannot have them, and the task when there are no more tries', async () => {
    const task = await mayfly.run({ kind: 'digest', secrets: { token: 'vault:nobody-stored-it' } })
    const message = 'there is no secret vault:nobody-stored-it: store it, and the task finds it'
    expect(task).toMatchObject({
      state: 'failed',
      outcome: 'not_started',
      error: { code: 'SECRET_UNAVAILABLE', message },
    })
    expect(mayfly.leftovers(task.id)).toEqual({ processes: [], workspaces: [] })
  })

  it('of another tenant are as unknown', async () => {
    await store('theirs', Buffer.from('not for everybody'), 'globex')
    const task = await mayfly.run({ kind: 'digest', secrets: { token: 'theirs' } })
    expect(task.error?.code).toBe('SECRET_UNAVAILABLE')
  })

  it('that were not asked for are refused by a sentence', async () => {
    await store('given', Buffer.from('one is enough'))
    const task = await mayfly.run({ kind: 'asks-more', secrets: { given: 'given' } })
    const message = 'this task has no secret another, but given: give it one in the request, under secrets'
    expect(task).toMatchObject({ state: 'failed', error: { message } })
  })

  it('that are no text are refused as text by a sentence', async () => {
    await store('another', Buffer.from([255, 254, 253, 1, 2, 3, 4, 5]))
    const task = await mayfly.run({ kind: 'asks-more', secrets: { another: 'another' } })
    const message = 'the secret another is not text: take its bytes, with secrets.use'
    expect(task).toMatchObject({ state: 'failed', error: { message } })
  })

  it('are lent to nobody when the task is cancelled before it has them', async () => {
    await store('slow', Buffer.from('a value too late'))
    const { vault } = mayfly
    const get = vi.spyOn(vault, 'get')
    const lent = new Promise<Buffer>((resolve) => {
      get.mockImplementationOnce(async (tenant, name) => {
        const { items } = await mayfly.get<{ items: { id: string }[] }>('/tasks?limit=1')
        await mayfly.cancel(items[0]?.id ?? '')
        const value = await vault.get(tenant, name)
        if (value) resolve(value)
        return value
      })
    })
    const task = await mayfly.run({ kind: 'digest', secrets: { slow: 'slow' } })
    get.mockRestore()
    expect(task).toMatchObject({ state: 'cancelled', result: null })
    expect(told.has(task.id)).toBe(false)
    expect((await lent).every((byte) => byte === 0)).toBe(true)
  })

  it('are not even looked up, nor in the audit log, when the attempt has ended before they are needed', async () => {
    await store('unneeded', Buffer.from('a value for nobody'))
    const upload = await mayfly.upload(Buffer.from('soon gone'))
    rmSync(join(mayfly.data, 'uploads'), { recursive: true })
    const get = vi.spyOn(mayfly.vault, 'get')
    const input = { command: ['true'], upload: upload.id }
    const { id } = await mayfly.submit({ kind: 'exec', input, secrets: { token: 'unneeded' } })
    const { data } = await mayfly.untilType(id, 'task.requeued')
    await mayfly.cancel(id)
    await mayfly.settled(id)
    expect(data).toMatchObject({ error: { message: expect.stringContaining('its uploads could not be brought') } })
    expect(get).not.toHaveBeenCalled()
    get.mockRestore()
    const { entries } = await mayfly.audit.page({ limit: 100 })
    expect(entries.filter(({ actor }) => actor === id)).toEqual([])
  })

  it('that the store cannot bring are not the task’s fault', async () => {
    await store('later', Buffer.from('a value for later'))
    const get = vi.spyOn(mayfly.vault, 'get').mockRejectedValueOnce(new Error('the disk is on fire'))
    const task = await mayfly.submit({ kind: 'digest', secrets: { later: 'later' } })
    const { data } = await mayfly.untilType(task.id, 'task.requeued')
    get.mockRestore()
    const message = 'its secrets could not be read: the disk is on fire'
    expect(data).toMatchObject({ cause: 'not started', error: { code: 'NOT_STARTED', message } })
    expect(await mayfly.settled(task.id)).toMatchObject({ state: 'succeeded' })
    expect(mayfly.counts(task.id)).toMatchObject({ failures: 0, startFailures: 1 })
  })
})
