import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ContractTask, TaskPage } from '../../src/contract/task.ts'
import { newTaskId } from '../../src/system/ids.ts'
import { type Edge, startEdge, tokens } from './fixtures/edge.ts'

let edge: Edge
beforeAll(async () => {
  edge = await startEdge()
})
afterAll(() => edge.stop())

async function submit(request: object = {}, token: string = tokens.acme): Promise<ContractTask> {
  const body = JSON.stringify({ kind: 'lint', input: {}, ...request })
  const response = await edge.call('/v1/tasks', { method: 'POST', body, token })
  expect(response.status).toBe(202)
  return (await response.json()) as ContractTask
}

async function list(query: string, token: string = tokens.acme): Promise<TaskPage> {
  const response = await edge.call(`/v1/tasks?${query}`, { token })
  expect(response.status).toBe(200)
  return (await response.json()) as TaskPage
}

describe('a task over REST', () => {
  it('is accepted once it is in the journal, and found where Location says', async () => {
    const body = JSON.stringify({ kind: 'lint', input: { a: ['ä', null] }, priority: 5, labels: { a: 'b' } })
    const response = await edge.call('/v1/tasks', { method: 'POST', body })
    expect(response.status).toBe(202)
    const task = (await response.json()) as ContractTask
    expect(task).toMatchObject({ tenant: 'acme', state: 'queued', priority: 5, input: { a: ['ä', null] }, lastSeq: 1 })
    const shown = await edge.call(response.headers.get('location') ?? '')
    expect(await shown.json()).toEqual(task)
  })

  it('is cancelled with a reason or without, but not twice', async () => {
    const { id } = await submit()
    const body = JSON.stringify({ reason: 'no longer needed' })
    const first = await edge.call(`/v1/tasks/${id}/cancel`, { method: 'POST', body })
    expect([first.status, ((await first.json()) as ContractTask).state]).toEqual([202, 'cancelled'])
    const second = await edge.call(`/v1/tasks/${id}/cancel`, { method: 'POST' })
    expect(second.status).toBe(409)
    expect(await second.json()).toMatchObject({ code: 'CONFLICT', status: 409, type: 'urn:mayfly:problem:conflict' })
  })

  it('is listed newest first, page by page, without one twice or none', async () => {
    const ids: string[] = []
    for (let i = 0; i < 7; i++) ids.push((await submit({ labels: { run: 'pages' } })).id)
    const listed: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const page: TaskPage = await list(`label=run:pages&limit=3${cursor && `&cursor=${cursor}`}`)
      expect(page.items.length).toBeLessThanOrEqual(3)
      listed.push(...page.items.map(({ id }) => id))
      cursor = page.nextCursor
    }
    expect(listed).toEqual(ids.reverse())
  })

  it('is listed on shorter pages where tasks are large, and none is left out', async () => {
    const ids: string[] = []
    for (let i = 0; i < 10; i++) ids.push((await submit({ kind: 'large', input: 'x'.repeat(900 * 1024) })).id)
    const first = await list('kind=large&limit=100')
    expect(first.items.length).toBeLessThan(5)
    expect(first.nextCursor).toBe(first.items.at(-1)?.id)
    const listed: string[] = []
    for (let page = first; ; page = await list(`kind=large&limit=100&cursor=${page.nextCursor}`)) {
      listed.push(...page.items.map(({ id }) => id))
      if (page.nextCursor === null) break
    }
    expect(listed).toEqual(ids.reverse())
  })

  it('is found by state, kind, pool and label together', async () => {
    const wanted = await submit({ kind: 'found', pool: 'batch', labels: { a: 'x:y' } })
    await submit({ kind: 'found', pool: 'batch', labels: { a: 'z' } })
    await submit({ kind: 'found', labels: { a: 'x:y' } })
    const page = await list('kind=found&pool=batch&state=queued&label=a:x:y')
    expect(page).toEqual({ items: [wanted], nextCursor: null })
    expect((await list('kind=found&state=running')).items).toEqual([])
  })

  it('is listed for its own tenant only', async () => {
    await submit({ kind: 'private' })
    expect((await list('kind=private', tokens.other)).items).toEqual([])
  })

  it('can be an admin’s for another tenant', async () => {
    const body = JSON.stringify({ kind: 'lint', input: {} })
    const call = (tenant: string, token: string) =>
      edge.call('/v1/tasks', { method: 'POST', body, token, headers: { 'mayfly-tenant': tenant } })
    expect(((await (await call('acme', tokens.admin)).json()) as ContractTask).tenant).toBe('acme')
    expect((await call('Acme!', tokens.admin)).status).toBe(400)
    expect((await call('acme', tokens.other)).status).toBe(403)
  })
})

it('no route tells a foreign task from one that never was', async () => {
  const { id } = await submit()
  const document = (await (await fetch(`${edge.url}/openapi.json`)).json()) as { paths: Record<string, object> }
  const routes = Object.entries(document.paths).filter(([path]) => path.startsWith('/v1/tasks/{id}'))
  expect(routes.length).toBeGreaterThan(3)
  for (const [path, methods] of routes) {
    for (const method of Object.keys(methods)) {
      const answer = async (task: string) => {
        const response = await edge.call(path.replace('{id}', task), {
          method: method.toUpperCase(),
          token: tokens.other,
        })
        return [response.status, await response.json()]
      }
      expect(await answer(id), path).toEqual(await answer(newTaskId()))
      expect((await answer(id))[0], path).toBe(404)
    }
  }
  expect(((await (await edge.call(`/v1/tasks/${id}`)).json()) as ContractTask).state).toBe('queued')
})

interface Schema {
  readonly properties: Record<string, unknown>
}

interface Description {
  readonly paths: {
    readonly '/v1/tasks': { post: { requestBody: { content: { 'application/json': { schema: Schema } } } } }
  }
}

describe('the rest of the edge', () => {
  it('says that it lives and is ready, to anybody', async () => {
    const [health, ready] = [await fetch(`${edge.url}/healthz`), await fetch(`${edge.url}/readyz`)]
    expect([health.status, ready.status]).toEqual([200, 200])
    expect(await ready.json()).toMatchObject({ ready: true, isolation: { level: 0, name: 'process' } })
  })

  it('describes itself in OpenAPI 3.1, with every route and the schemas that it checks', async () => {
    const document = (await (await fetch(`${edge.url}/openapi.json`)).json()) as Description
    expect(document).toMatchObject({ openapi: '3.1.0', security: [{ token: [] }] })
    expect(Object.keys(document.paths).sort()).toEqual([
      '/healthz',
      '/readyz',
      '/v1/audit',
      '/v1/kinds',
      '/v1/pauses',
      '/v1/pauses/{id}',
      '/v1/pools',
      '/v1/schedules',
      '/v1/schedules/{id}',
      '/v1/schedules/{id}/pause',
      '/v1/schedules/{id}/resume',
      '/v1/schedules/{id}/run',
      '/v1/secrets',
      '/v1/secrets/public-key',
      '/v1/secrets/rotation',
      '/v1/secrets/{name}',
      '/v1/stats',
      '/v1/stream/tickets',
      '/v1/tasks',
      '/v1/tasks/batch',
      '/v1/tasks/{id}',
      '/v1/tasks/{id}/artifacts',
      '/v1/tasks/{id}/artifacts/{name}',
      '/v1/tasks/{id}/attempts',
      '/v1/tasks/{id}/cancel',
      '/v1/tasks/{id}/events',
      '/v1/tasks/{id}/explain',
      '/v1/tasks/{id}/log',
      '/v1/tasks/{id}/retry',
      '/v1/tenants',
      '/v1/tenants/{name}',
      '/v1/tokens',
      '/v1/tokens/{id}',
      '/v1/uploads',
    ])
    const { schema } = document.paths['/v1/tasks'].post.requestBody.content['application/json']
    expect(schema).toMatchObject({ required: ['kind', 'input'], additionalProperties: false })
    expect(schema.properties.priority).toMatchObject({ minimum: -3600, maximum: 3600 })
  })
})
