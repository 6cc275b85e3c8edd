import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { takeOver } from '../../src/system/zeroable.ts'
import { children, startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'
import { openStream } from '../http/fixtures/client.ts'
import { tellings } from '../mask/fixture.ts'

const token = 'Xk7"q\\Zw+p9/é&Tr=2%Lm'
const lines = 'first-Line0f1t\n  second/Line?0f1t\nthird+Line=0f1t'

describe('a secret that a task tells', () => {
  let mayfly: TestMayfly

  beforeAll(async () => {
    mayfly = await startMayfly({
      // Its kinds import from there.
      config: { kinds: [children('masking')], mounts: [join(import.meta.dirname, '../mask')] },
    })
    await store('token', token)
    await store('lines', lines)
  })

  afterAll(() => mayfly.remove())

  const store = (name: string, value: string) =>
    mayfly.vault.put('default', name, takeOver(Buffer.from(value)), Date.now())

  const run = (kind: string, input: object, secret = 'token') =>
    mayfly.run({ kind, input: input as never, secrets: { token: `vault:${secret}` }, retry: { maxAttempts: 1 } })

  /** All that anybody outside can see of a task, and all that is kept of it. */
  async function traces(id: string): Promise<readonly string[]> {
    const stream = await openStream(mayfly.url, mayfly.token)
    stream.send({ type: 'subscribe', ref: 'r', task: id, after: 0 })
    await stream.get('live')
    stream.socket.close()
    const log = await (await mayfly.call('GET', `/tasks/${id}/log`)).text()
    const artifacts = await (await mayfly.call('GET', `/tasks/${id}/artifacts`)).text()
    const files = readdirSync(mayfly.data).filter((name) => name.startsWith('journal'))
    return [
      JSON.stringify(stream.received),
      JSON.stringify(await mayfly.events(id)),
      JSON.stringify(await mayfly.task(id)),
      log,
      artifacts,
      ...files.map((name) => readFileSync(join(mayfly.data, name), 'latin1')),
    ]
  }

  /** Each form of the secret, as it would stand there as it is, in JSON, or read as Latin-1. */
  function formsOf(secret: string): string[] {
    const told = Object.entries(tellings).map(([name, telling]) => {
      const text = telling(Buffer.from(secret)).toString()
      return name.startsWith('base64') ? (text.replaceAll('\n', '').slice(4, -4) as string) : text
    })
    const all = [...told, ...secret.split('\n').map((line) => line.trim())]
    return all.flatMap((form) => [form, JSON.stringify(form).slice(1, -1), Buffer.from(form).toString('latin1')])
  }

  async function expectNothingOf(secret: string, id: string): Promise<void> {
    const seen = await traces(id)
    for (const form of formsOf(secret)) for (const place of seen) expect(place.includes(form), form).toBe(false)
    expect(seen.join('')).toContain('***')
  }

  it.each([
    ['by itself', 'token', token, {}],
    ['in several lines', 'lines', lines, {}],
    ['around the worker', 'token', token, { around: true }],
    ['in several lines around the worker', 'lines', lines, { around: true }],
  ])('is nowhere, in whatever form it is told %s', async (_, name, secret, input) => {
    const task = await run('tell', input, name)
    expect(task.state).toBe('succeeded')
    expect(task.result).toMatchObject({ '***': 'key', value: '<***>', hex: '***', list: ['***'] })
    await expectNothingOf(secret, task.id)
    const texts = await mayfly.texts(task.id)
    for (const told of Object.keys(tellings)) expect(texts.join('\n')).toContain(`${told}: `)
    expect(texts).toContain('log ***')
    expect(texts).toContain('raw: ***')
  })

  it('is nowhere when the task fails with it, also where its message is cut', async () => {
    const task = await run('tell', { fail: true })
    expect(task).toMatchObject({ state: 'failed', error: { code: 'TASK_FAILED' } })
    expect(task.error?.message).toMatch(/x\*\*\* failed/)
    await expectNothingOf(token, task.id)
  })

  it('is masked as soon as the task says so, in what its children print, too', async () => {
    const value = 'came-to-know-4711'
    const task = await run('discover', { value: [...value].reverse().join('') })
    expect(task).toMatchObject({ state: 'succeeded', result: { value: '***' } })
    // Two ways to the orchestrator: on a busy machine what is logged may be there before what was printed before it.
    expect(await mayfly.texts(task.id, 'stdout')).toEqual(['before it is masked everywhere: ***', 'by a child: ***'])
    expect(await mayfly.texts(task.id, 'log')).toEqual(['logged: ***'])
    await expectNothingOf(value, task.id)
  })

  it('cannot be masked when it is too short', async () => {
    const task = await run('discover', { value: 'abc' })
    expect(task).toMatchObject({ state: 'failed', error: { retryable: false } })
    expect(task.error?.message).toContain('at least 6 bytes')
  })

  it.each(['save', 'suspend', 'suspend around'])('in a checkpoint is refused (%s)', async (how) => {
    const task = await run('save', { how })
    expect(task).toMatchObject({ state: 'failed', attempt: 1, error: { retryable: false } })
    expect(task.error?.message).toContain('the checkpoint holds a secret and was not saved')
    const seen = await traces(task.id)
    for (const form of formsOf(token)) for (const place of seen) expect(place.includes(form), form).toBe(false)
  })

  it('in a checkpoint of a worker that does not look is not stored', async () => {
    const task = await run('save', { how: 'save around' })
    expect(task.state).toBe('succeeded')
    const types = (await mayfly.events(task.id)).map(({ type }) => type)
    expect(types.filter((type) => type === 'task.checkpoint')).toHaveLength(2)
    const seen = await traces(task.id)
    for (const form of formsOf(token)) for (const place of seen) expect(place.includes(form), form).toBe(false)
  })
})
