import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ContractKind } from '../../src/contract/kinds.ts'
import type { ContractTask } from '../../src/contract/task.ts'
import { takeOver } from '../../src/system/zeroable.ts'
import { children, startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'

describe('what a kind says by the input of its tasks', () => {
  let mayfly: TestMayfly
  beforeAll(async () => {
    mayfly = await startMayfly({ config: { kinds: [children('secrets')] } })
  })
  afterAll(() => mayfly.remove())

  const store = (name: string, value: string) =>
    mayfly.vault.put('default', name, takeOver(Buffer.from(value)), Date.now())

  it('lends a secret that the request does not name, as soon as it is there', async () => {
    expect(await mayfly.run({ kind: 'of-org', input: { org: 'prod' } })).toMatchObject({ result: { session: null } })
    await store('org/prod/session', 'correct horse')
    const task = await mayfly.run({ kind: 'of-org', input: { org: 'prod' } })
    expect(task).toMatchObject({ result: { session: 13 } })
    const { entries } = await mayfly.audit.page({ limit: 1 })
    expect(entries).toMatchObject([{ action: 'secret.used', actor: task.id, subject: 'org/prod/session' }])
  })

  it('gives way to what the request names', async () => {
    await store('another', 'battery staple')
    const request = { kind: 'of-org', input: { org: 'prod' }, secrets: { session: 'another' } }
    expect(await mayfly.run(request)).toMatchObject({ result: { session: 14 } })
    const missing = { ...request, secrets: { session: 'not-there' } }
    expect((await mayfly.run(missing)).error?.code).toBe('SECRET_UNAVAILABLE')
  })

  it('holds for children, batches, retries and schedules as well', async () => {
    const task = await mayfly.run({ kind: 'of-org', input: { org: 'prod', child: 'org:prod' } })
    const { id } = task.result as { id: string }
    expect(await mayfly.settled(id)).toMatchObject({ result: { session: 13 } })
    const again = (await (await mayfly.call('POST', `/tasks/${id}/retry`)).json()) as ContractTask
    expect(await mayfly.settled(again.id)).toMatchObject({ result: { session: 13 } })
    const evading = await mayfly.run({ kind: 'of-org', input: { org: 'prod', child: 'mine' } })
    expect(evading.error?.message).toContain('of-org runs under the concurrency key org:prod with limit 1')

    const odd = { kind: 'of-org', input: { org: '../x' } }
    const evasion = { kind: 'of-org', input: { org: 'prod' }, concurrency: { key: 'mine' } }
    const batch = await (await mayfly.call('POST', '/tasks/batch', { tasks: [odd, evasion] })).text()
    expect(batch).toContain('org must be letters')
    expect(batch).toContain('leave concurrency out')
    const schedule = await mayfly.call('POST', '/schedules', { everySeconds: 3600, task: evasion })
    expect(await schedule.text()).toContain('leave concurrency out')
  })

  it('lets a task store a secret, which is masked at once and lent to the next', async () => {
    const stored = await mayfly.run({ kind: 'of-org', input: { org: 'new', store: [['session', 'a new session']] } })
    expect(stored).toMatchObject({ state: 'succeeded', result: { session: null } })
    expect(await mayfly.texts(stored.id)).toEqual(['***'])
    const { entries } = await mayfly.audit.page({ limit: 1 })
    expect(entries).toMatchObject([
      { action: 'secret.put', actor: stored.id, subject: 'org/new/session', detail: { version: 1, attempt: 1 } },
    ])
    const next = await mayfly.run({ kind: 'of-org', input: { org: 'new' } })
    expect(next).toMatchObject({ result: { session: 13 } })
  })

  it.each([
    ['login', 'hunter22', 'tasks of of-org may store no secret login, but session, other'],
    ['toString', 'hunter22', 'may store no secret toString'],
    ['other', 'hunter22', 'the secret other cannot be stored: with this input, vault:{other} is no place'],
    ['session', 'short', 'a secret needs at least 6 bytes'],
    ['session', 'x!'.repeat(9_000), 'at most 16384 bytes'],
  ])('has a task told why it does not store %s', async (name, value, sentence) => {
    const task = await mayfly.run({ kind: 'of-org', input: { org: 'odd', store: [[name, value]] } })
    expect(task.error?.message).toContain(sentence)
    expect(await mayfly.vault.get('default', 'org/odd/session')).toBeUndefined()
  })

  it('is shown with the kind', async () => {
    const { items } = await mayfly.get<{ items: ContractKind[] }>('/kinds')
    expect(items.find(({ kind }) => kind === 'of-org')).toMatchObject({
      secrets: { session: { required: false, reference: 'vault:org/{org}/session' } },
      stores: { session: 'vault:org/{org}/session', other: 'vault:{other}' },
      concurrency: { key: 'org:{org}', limit: 1 },
    })
    expect(items.find(({ kind }) => kind === 'exec')).toMatchObject({ secrets: null, concurrency: null })
  })
})
