import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { takeOver } from '../../src/secrets/buffers.ts'
import { children, startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'

const digestOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

describe.each([0, 1] as const)('secrets at level %i', (level) => {
  let mayfly: TestMayfly

  beforeAll(async () => {
    mayfly = await startMayfly({ config: { kinds: [children('secrets')], isolation: { atMost: level } } })
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
})
