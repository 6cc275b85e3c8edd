import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Mayfly } from '../../src/client/client.ts'
import { startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'
import { quickPace } from './fixtures/pace.ts'
import { startProxy } from './fixtures/proxy.ts'

let server: TestMayfly
let client: Mayfly

beforeAll(async () => {
  server = await startMayfly()
  client = new Mayfly(server)
})

afterAll(() => server.remove())

const exec = (...command: string[]) => ({ kind: 'exec', input: { command } })

/** Starts a run of a task that would last, and aborts it once it runs. */
async function aborted(onAbort: 'cancel' | 'leave') {
  const abort = new AbortController()
  let id = ''
  const run = client.run(exec('sleep', '600'), {
    signal: abort.signal,
    onAbort,
    onTask: (task) => {
      id = task.id
    },
    onEvent: ({ type }) => {
      if (type === 'task.started') abort.abort(new Error('enough'))
    },
  })
  await expect(run).rejects.toThrow('enough')
  return client.get(id)
}

describe('running a task', () => {
  it('resolves with its result, and tells of every event', async () => {
    const types: string[] = []
    const result = await client.run(exec('true'), { onEvent: ({ type }) => types.push(type) })
    expect(result).toEqual({ exitCode: 0 })
    expect(types).toEqual(['task.queued', 'task.starting', 'task.started', 'task.succeeded'])
  })

  it('resolves with its result, though the server cannot be had for a while after the end', async () => {
    let refused = 0
    let left = 0
    const proxy = await startProxy(server.url, () => (left-- > 0 && ++refused ? { after: 0 } : {}))
    const distant = new Mayfly({ url: proxy.url, token: server.token, pace: quickPace })
    const onEvent = ({ type }: { type: string }) => {
      if (type !== 'task.succeeded') return
      left = 8
      proxy.cutAll()
    }
    expect(await distant.run(exec('true'), { onEvent })).toEqual({ exitCode: 0 })
    expect(refused).toBe(8)
    await proxy.stop()
  })

  it('throws the error of a task that failed', async () => {
    const error = { name: 'TaskError', code: 'TASK_FAILED', task: { state: 'failed', error: { exitCode: 3 } } }
    await expect(client.run(exec('sh', '-c', 'exit 3'))).rejects.toMatchObject(error)
  })

  it('throws the refusal of a request', async () => {
    await expect(client.run({ kind: 'nothing', input: {} })).rejects.toMatchObject({
      code: 'UNKNOWN_KIND',
      status: 422,
    })
  })

  it('cancels the task when it is aborted', async () => {
    const { id, state } = await aborted('cancel')
    if (state !== 'cancelled') await server.settled(id)
    expect((await client.get(id)).state).toBe('cancelled')
  })

  it('leaves the task alone when it is aborted and told so', async () => {
    const { id, state } = await aborted('leave')
    expect(state).toBe('running')
    await client.cancel(id)
  })
})

describe('a submission', () => {
  it('whose answer is lost leads to one task', async () => {
    const proxy = await startProxy(server.url, (connection) => (connection === 0 ? { after: 20 } : {}))
    const task = await new Mayfly({ url: proxy.url, token: server.token }).submit({
      ...exec('true'),
      labels: { once: 'yes' },
    })
    const found: string[] = []
    for await (const { id } of client.list({ label: 'once:yes' })) found.push(id)
    expect(found).toEqual([task.id])
    expect(proxy.connections).toBe(2)
    await proxy.stop()
  })
})
