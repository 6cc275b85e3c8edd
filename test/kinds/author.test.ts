import { hash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { KindList } from '../../src/contract/kinds.ts'
import type { ContractTask } from '../../src/contract/task.ts'
import { children, startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'

const greet = `export default {
  kind: 'greet', title: 'Greet somebody', pool: 'critical',
  input: { type: 'object', required: ['name'], additionalProperties: false, properties: { name: { type: 'string' } } },
  secrets: { token: { required: false } },
  limits: { runSeconds: 60 }, retry: { maxAttempts: 3 },
  async run(ctx) { ctx.progress({ phase: 'greeting', percent: 50 }); return { text: \`hello \${ctx.input.name}\` } },
}
`

/** The one of the README, as it is pasted there. */
const pasted = /^cat > kinds\/greet.js <<'END'\n(.*?)^END$/ms.exec(
  readFileSync(new URL('../../README.md', import.meta.url), 'utf8'),
)?.[1]

const author = fileURLToPath(new URL('../../workers/author.ts', import.meta.url))

const steering = `import { defineTask, FatalError, RetryableError } from ${JSON.stringify(author)}
export default defineTask({
  kind: 'steering', pool: 'normal', input: {}, retry: { maxAttempts: 3, backoffSeconds: 0 },
  run({ attempt }) {
    if (attempt === 1) throw new RetryableError('not yet', { code: 'NOT_YET' })
    throw new FatalError('never', { cause: new Error('why') })
  },
})
`

describe('a kind in a directory of its author', () => {
  let mayfly: TestMayfly
  const directory = mkdtempSync(join(tmpdir(), 'mayfly-authors-'))

  beforeAll(async () => {
    writeFileSync(join(directory, 'greet.js'), greet)
    mkdirSync(join(directory, 'steering'))
    writeFileSync(join(directory, 'steering', 'index.ts'), steering)
    mayfly = await startMayfly({ config: { kinds: [directory, children('output'), children('common')] } })
  })

  afterAll(async () => {
    await mayfly.remove()
    rmSync(directory, { recursive: true })
  })

  it('works as it was pasted, without importing anything', async () => {
    const task = await mayfly.run({ kind: 'greet', input: { name: 'Ada' } })
    expect(task).toMatchObject({ state: 'succeeded', pool: 'critical', result: { text: 'hello Ada' } })
    expect(task.progress).toEqual({ phase: 'greeting', percent: 50 })
    const refused = await mayfly.call('POST', '/tasks', { kind: 'greet', input: { name: 1 } })
    expect([refused.status, await refused.json()]).toMatchObject([422, { detail: 'name must be a string' }])
  })

  it('is ten lines in the README, and works when it is pasted', async () => {
    expect(pasted?.trim().split('\n').length).toBeLessThanOrEqual(10)
    const kinds = mkdtempSync(join(tmpdir(), 'mayfly-pasted-'))
    writeFileSync(join(kinds, 'greet.js'), pasted ?? '')
    const own = await startMayfly({ config: { kinds: [kinds] } })
    try {
      const task = await own.run({ kind: 'greet', input: { name: 'Ada' } })
      expect(task).toMatchObject({ state: 'succeeded', result: { text: 'hello Ada' } })
      expect(task.progress).toMatchObject({ phase: 'greeting', percent: 50 })
    } finally {
      await own.remove()
      rmSync(kinds, { recursive: true })
    }
  })

  it('steers its retries with the errors that it may import', async () => {
    const task = await mayfly.run({ kind: 'steering' })
    expect(task).toMatchObject({ state: 'failed', attempt: 2, error: { code: 'TASK_FAILED', message: 'never' } })
    const retrying = (await mayfly.events(task.id)).find(({ type }) => type === 'task.retrying')
    expect(retrying?.data.error).toMatchObject({ code: 'NOT_YET', message: 'not yet' })
  })

  it('is listed with what it takes and is allowed', async () => {
    const { items } = await mayfly.get<KindList>('/kinds')
    expect(items.find(({ kind }) => kind === 'greet')).toMatchObject({
      title: 'Greet somebody',
      pool: 'critical',
      input: { required: ['name'] },
      result: null,
      secrets: { token: { required: false } },
      limits: { runSeconds: 60, memoryMiB: expect.any(Number) },
      retry: { maxAttempts: 3 },
      cleanup: false,
      hash: hash('sha256', greet),
    })
    expect(items.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['exec', 'steering']))
  })

  it('is recorded, as it was then, with each attempt', async () => {
    const hashOf = async (id: string) =>
      (await mayfly.events(id)).find(({ type }) => type === 'task.starting')?.data.moduleHash
    const before = await mayfly.run({ kind: 'greet', input: { name: 'Ada' } })
    const changed = greet.replace('hello', 'goodbye')
    writeFileSync(join(directory, 'greet.js'), changed)
    const after = await mayfly.run({ kind: 'greet', input: { name: 'Ada' } })
    expect(after.result).toEqual({ text: 'goodbye Ada' })
    expect([await hashOf(before.id), await hashOf(after.id)]).toEqual([hash('sha256', greet), hash('sha256', changed)])
  })

  it('is done again as a new task, with its debug lines when that was asked for', async () => {
    const labels = { branch: 'main' }
    const first = await mayfly.run({ kind: 'chat', labels, limits: { runSeconds: 50 } })
    const retry = async (id: string, body?: unknown) => {
      const response = await mayfly.call('POST', `/tasks/${id}/retry`, body)
      return { status: response.status, task: (await response.json()) as ContractTask }
    }
    const plain = await retry(first.id)
    expect(plain).toMatchObject({ status: 202, task: { kind: 'chat', labels, retryOf: first.id, state: 'queued' } })
    const debug = await retry(first.id, { debug: true })
    await Promise.all([mayfly.settled(plain.task.id), mayfly.settled(debug.task.id)])
    expect(await mayfly.texts(first.id, 'log')).not.toContain('fine')
    expect(await mayfly.texts(plain.task.id, 'log')).not.toContain('fine')
    expect(await mayfly.texts(debug.task.id, 'log')).toContain('fine')
    expect((await mayfly.task(debug.task.id)).retryOf).toBe(first.id)
  })

  it('is not done again before it has ended', async () => {
    const { id } = await mayfly.submit({ kind: 'wait' })
    const refused = await mayfly.call('POST', `/tasks/${id}/retry`)
    expect([refused.status, await refused.json()]).toMatchObject([409, { code: 'CONFLICT' }])
    await mayfly.cancel(id)
  })
})
