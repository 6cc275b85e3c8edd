/**
 * Every route and every message of the stream, from the table of routes and the schemas themselves: none without a
 * token, none of an admin with a tenant's token, and none that tells another tenant's things from what never was. Who adds
 * a route or a message says here how it is called.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { INBOUND, type InboundType } from '../../src/contract/inbound.ts'
import { TaskFilter } from '../../src/contract/query.ts'
import { newTaskId } from '../../src/system/ids.ts'
import { children, startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'
import { type Answer, callersOf } from './fixtures/callers.ts'
import { openStream, refusedUpgrade } from './fixtures/client.ts'

/** What one tenant has and another must not reach, and what nobody has. */
interface Things {
  readonly task: string
  readonly pause: string
  readonly schedule: string
  readonly secret: string
}

interface Call {
  readonly path: (things: Things) => string
  readonly body?: unknown
}

type Way = 'open' | 'admin' | 'own' | Call

const ofTask = (rest = '', body?: unknown): Call => ({ path: ({ task }) => `/v1/tasks/${task}${rest}`, body })

const ofSchedule = (rest = '', body?: unknown): Call => ({
  path: ({ schedule }) => `/v1/schedules/${schedule}${rest}`,
  body,
})

/** `own`: what it answers is the caller's, and it takes no id. */
const ways: Readonly<Record<string, Way>> = {
  'GET /healthz': 'open',
  'GET /readyz': 'open',
  'GET /openapi.json': 'open',
  'GET /asyncapi.json': 'open',
  'POST /mcp': 'own',
  'GET /mcp': 'own',
  'DELETE /mcp': 'own',
  'POST /v1/tasks': 'own',
  'POST /v1/tasks/batch': 'own',
  'GET /v1/tasks': 'own',
  'GET /v1/tasks/:id': ofTask(),
  'POST /v1/tasks/:id/cancel': ofTask('/cancel'),
  'POST /v1/tasks/:id/retry': ofTask('/retry'),
  'GET /v1/tasks/:id/events': ofTask('/events?wait=1'),
  'GET /v1/tasks/:id/log': ofTask('/log'),
  'GET /v1/tasks/:id/explain': ofTask('/explain'),
  'GET /v1/tasks/:id/attempts': ofTask('/attempts'),
  'GET /v1/tasks/:id/artifacts': ofTask('/artifacts'),
  'GET /v1/tasks/:id/artifacts/:name': ofTask('/artifacts/report.json'),
  'GET /v1/kinds': 'own',
  'POST /v1/uploads': 'own',
  'GET /v1/pauses': 'own',
  'POST /v1/pauses': 'own',
  'DELETE /v1/pauses/:id': { path: ({ pause }) => `/v1/pauses/${pause}` },
  'GET /v1/schedules': 'own',
  'POST /v1/schedules': 'own',
  'GET /v1/schedules/:id': ofSchedule(),
  'PATCH /v1/schedules/:id': ofSchedule('', { paused: true }),
  'DELETE /v1/schedules/:id': ofSchedule(),
  'POST /v1/schedules/:id/run': ofSchedule('/run'),
  'POST /v1/schedules/:id/pause': ofSchedule('/pause'),
  'POST /v1/schedules/:id/resume': ofSchedule('/resume'),
  'GET /v1/pools': 'own',
  'GET /v1/stats': 'own',
  'GET /v1/secrets': 'own',
  'GET /v1/secrets/public-key': 'own',
  'PUT /v1/secrets/:name': 'own',
  'DELETE /v1/secrets/:name': { path: ({ secret }) => `/v1/secrets/${secret}` },
  'GET /v1/stream': 'own',
  'POST /v1/stream/tickets': 'own',
  'GET /v1/secrets/rotation': 'admin',
  'POST /v1/secrets/rotation': 'admin',
  'GET /v1/audit': 'admin',
  'GET /v1/tenants': 'admin',
  'POST /v1/tenants': 'admin',
  'GET /v1/tenants/:name': 'admin',
  'PATCH /v1/tenants/:name': 'admin',
  'DELETE /v1/tenants/:name': 'admin',
  'GET /v1/tokens': 'admin',
  'POST /v1/tokens': 'admin',
  'DELETE /v1/tokens/:id': 'admin',
}

/** How messages of the stream name another tenant's task; null for those that name none. */
const messages: Readonly<Record<InboundType, ((task: string) => object) | null>> = {
  submit: null,
  ping: null,
  unsubscribe: null,
  subscribe: (task) => ({ type: 'subscribe', ref: 'r', task, after: 0 }),
  cancel: (task) => ({ type: 'cancel', ref: 'r', task }),
}

/** Filters that fit the owner's tasks, by each field that there is and by none. */
const filters: Readonly<Record<keyof TaskFilter | 'nothing', TaskFilter>> = {
  nothing: {},
  state: { state: 'queued' },
  kind: { kind: 'wait' },
  pool: { pool: 'normal' },
  label: { label: 'mark:of the owner' },
}

const ofOwner = { kind: 'wait', input: {}, labels: { mark: 'of the owner' }, notBefore: '2100-01-01T00:00:00Z' }
const routes = new Set<string>()
const unknown: Things = { task: newTaskId(), pause: newTaskId(), schedule: newTaskId(), secret: 'nothing' }
let mayfly: TestMayfly
let things: Things
let call: ReturnType<typeof callersOf>['call']
let owner: string
let stranger: string

beforeAll(async () => {
  const onRoute = ({ method, url }: { method: string | string[]; url: string }) => {
    for (const one of [method].flat()) routes.add(`${one} ${url}`)
  }
  mayfly = await startMayfly({ config: { kinds: [children('common')] }, hooks: { onRoute } })
  const callers = callersOf(mayfly)
  call = callers.call
  for (const tenant of ['owner', 'stranger']) await callers.tenant(tenant)
  owner = (await callers.token({ tenant: 'owner' })).token
  stranger = (await callers.token({ tenant: 'stranger' })).token
  const task = (await call(owner, 'POST', '/v1/tasks', ofOwner)).body.id
  const pause = (await call(owner, 'POST', '/v1/pauses', { key: 'k' })).body.id
  expect((await call(owner, 'PUT', '/v1/secrets/deploy', { value: 'a secret of the owner' })).status).toBe(200)
  const planned = { at: '2100-01-01T00:00:00Z', task: { kind: 'wait', input: {} } }
  const schedule = (await call(owner, 'POST', '/v1/schedules', planned)).body.id
  things = { task, pause, schedule, secret: 'deploy' }
})
afterAll(() => mayfly.remove())

function wayOf(route: string): Way {
  const way = Object.hasOwn(ways, route) ? ways[route] : undefined
  if (way === undefined) throw new Error(`${route} is new: say in ${import.meta.filename} how it is called`)
  return way
}

const methodOf = (route: string) => route.split(' ')[0] as string

/** The route with some id in it. */
function pathOf(route: string, some: Things = unknown): string {
  const way = wayOf(route)
  if (typeof way === 'object') return way.path(some)
  return (route.split(' ')[1] as string).replace(/:\w+/g, 'something')
}

const ask = (route: string, token: string | null, some?: Things): Promise<Answer> => {
  const way = wayOf(route)
  return call(token, methodOf(route), pathOf(route, some), typeof way === 'object' ? way.body : undefined)
}

const thatAre = (wanted: (way: Way) => boolean) => [...routes].filter((route) => wanted(wayOf(route)))

describe('every route', () => {
  it('is known here, and every one that is known here exists', () => {
    expect([...routes].sort()).toEqual(Object.keys(ways).sort())
  })

  it('needs a token that is valid, but those that say how the server is', async () => {
    for (const route of thatAre((way) => way !== 'open')) {
      for (const token of [null, 'wrong', `${owner}x`, `mayfly_${'0'.repeat(32)}_${'x'.repeat(43)}`]) {
        const { status, body } = await ask(route, token, things)
        expect([status, body.code], `${route} with ${token}`).toEqual([401, 'UNAUTHORIZED'])
      }
    }
    for (const route of thatAre((way) => way === 'open')) expect((await ask(route, null)).status, route).toBe(200)
  })

  it('of an admin is for admins, whatever is sent', async () => {
    const admins = thatAre((way) => way === 'admin')
    expect(admins.length).toBeGreaterThan(5)
    for (const route of admins) {
      const { status, body } = await ask(route, stranger)
      expect([status, body.code], route).toEqual([403, 'FORBIDDEN'])
    }
  })

  it('tells nobody whether another tenant has what it names', async () => {
    const named = thatAre((way) => typeof way === 'object')
    expect(named.length).toBeGreaterThan(7)
    for (const route of named) {
      const [foreign, missing] = [await ask(route, stranger, things), await ask(route, stranger)]
      expect([foreign.status, missing.status], route).toEqual([404, 404])
      const neutral = JSON.stringify(foreign.body).replaceAll(things.secret, unknown.secret)
      expect(JSON.parse(neutral), route).toEqual(missing.body)
      expect([...foreign.headers.keys()].sort(), route).toEqual([...missing.headers.keys()].sort())
    }
  })

  it.each([
    '..%2f..%2fadmin-token',
    '__proto__',
    'constructor',
    '%00',
    '%F0%9F%AA%B0',
    "' OR 1=1 --",
    'x'.repeat(10_000),
  ])('takes %j for an id that nobody has', async (id) => {
    for (const route of thatAre((way) => typeof way === 'object')) {
      const { status } = await ask(route, stranger, { task: id, pause: id, schedule: id, secret: id })
      expect([400, 404], `${route} answered ${status}`).toContain(status)
    }
  })

  it('left everything of the owner as it was', async () => {
    expect((await call(owner, 'GET', `/v1/tasks/${things.task}`)).body).toMatchObject({ state: 'queued', lastSeq: 1 })
    expect((await call(owner, 'GET', '/v1/pauses')).body.items).toMatchObject([{ id: things.pause }])
    expect((await call(owner, 'GET', '/v1/secrets')).body.items).toMatchObject([{ name: 'deploy', version: 1 }])
    const { body: schedule } = await call(owner, 'GET', `/v1/schedules/${things.schedule}`)
    expect(schedule).toMatchObject({ paused: false, history: [], nextAt: '2100-01-01T00:00:00.000Z' })
    for (const list of ['tasks', 'pauses', 'schedules', 'secrets']) {
      expect((await call(stranger, 'GET', `/v1/${list}`)).body.items, list).toEqual([])
    }
    expect((await call(stranger, 'GET', '/v1/stats')).body.tenants).toEqual([])
  })
})

describe('every message of the stream', () => {
  it('is known here', () => {
    expect(Object.keys(INBOUND).sort()).toEqual(Object.keys(messages).sort())
    expect(Object.keys(TaskFilter.properties)).toEqual(Object.keys(filters).filter((field) => field !== 'nothing'))
    // Who gives subscriptions another way to name tasks says above how it is used.
    expect(Object.keys(INBOUND.subscribe.properties)).toEqual(['type', 'ref', 'task', 'after', 'filter'])
  })

  it('needs a token that is valid', async () => {
    for (const token of ['', 'wrong', `${owner}x`]) expect(await refusedUpgrade(mayfly.url, token)).toBe(401)
  })

  it('that names a task tells nobody whether another tenant has it', async () => {
    const stream = await openStream(mayfly.url, stranger)
    for (const [type, message] of Object.entries(messages)) {
      if (!message) continue
      const answer = async (task: string) => {
        stream.received.length = 0
        stream.send(message(task))
        return stream.get('error')
      }
      const foreign = await answer(things.task)
      expect(foreign, type).toMatchObject({ code: 'NOT_FOUND' })
      expect(foreign, type).toEqual(await answer(unknown.task))
    }
    stream.socket.close()
  })

  it.each(Object.entries(filters))(
    'that follows what fits, by %s, shows nothing of another tenant',
    async (_by, filter) => {
      const [mine, foreign] = [await openStream(mayfly.url, owner), await openStream(mayfly.url, stranger)]
      for (const stream of [mine, foreign]) {
        stream.send({ type: 'subscribe', ref: 'r', filter })
        await stream.get('live')
      }
      const { body: task } = await call(owner, 'POST', '/v1/tasks', ofOwner)
      await call(owner, 'POST', `/v1/tasks/${task.id}/cancel`)
      // The owner sees it come and go, so that the stranger has missed something.
      await mine.get('snapshot', ({ tasks }) => tasks.some(({ id }) => id === things.task))
      await mine.get('snapshot', ({ tasks }) => tasks.some(({ id }) => id === task.id))
      await mine.get('event', ({ event }) => event.type === 'task.cancelled')
      foreign.send({ type: 'ping', ref: 'p' })
      await foreign.get('pong')
      expect(foreign.received.filter(({ type }) => type !== 'snapshot').map(({ type }) => type)).toEqual([
        'hello',
        'subscribed',
        'live',
        'pong',
      ])
      for (const message of foreign.received) if (message.type === 'snapshot') expect(message.tasks).toEqual([])
      for (const { socket } of [mine, foreign]) socket.close()
    },
  )
})
