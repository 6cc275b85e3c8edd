import { afterAll, beforeAll, expect, it } from 'vitest'
import { children, startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'
import { type Answer, callersOf } from './fixtures/callers.ts'

let mayfly: TestMayfly
let batch: (tasks: unknown) => Promise<Answer>

beforeAll(async () => {
  mayfly = await startMayfly({ config: { kinds: [children('common')] } })
  const { call, admin } = callersOf(mayfly)
  batch = (tasks) => call(admin, 'POST', '/v1/tasks/batch', { tasks })
})
afterAll(() => mayfly.remove())

const task = { kind: 'succeed', input: {}, notBefore: '2100-01-01T00:00:00Z' }

it('answers for each task in its place, and one that is wrong concerns no other', async () => {
  const wrong = [{ ...task, kind: 'nothing' }, { kind: 'succeed' }, null, 5, [], { ...task, priority: 'x' }]
  const { status, body } = await batch([task, ...wrong, { ...task, labels: { last: 'yes' } }])
  expect(status).toBe(207)
  expect(body.items.map((item: { status: number }) => item.status)).toEqual([202, 422, 400, 400, 400, 400, 400, 202])
  expect(body.items[1].problem).toMatchObject({ code: 'UNKNOWN_KIND', status: 422 })
  expect(body.items[2].problem.detail).toBe('input is missing')
  expect(body.items.at(-1).task).toMatchObject({ labels: { last: 'yes' }, lastSeq: 1, state: 'queued' })
})

it('finds the tasks of keys again, also within itself', async () => {
  const keyed = { ...task, idempotencyKey: 'deploy-1' }
  const first = await batch([keyed, keyed, { ...keyed, priority: 1 }])
  const second = await batch([keyed])
  const ids = [...first.body.items, ...second.body.items].map((item) => [item.status, item.task?.id])
  const id = ids[0]?.[1]
  expect(ids).toEqual([
    [202, id],
    [200, id],
    [409, undefined],
    [200, id],
  ])
})

it('takes a thousand tasks, and runs them', async () => {
  const { status, body } = await batch(
    Array.from({ length: 1000 }, (_, index) => ({ ...task, labels: { n: `${index}` } })),
  )
  expect([status, body.items.length]).toEqual([207, 1000])
  expect(
    body.items.every((item: { task: { labels: { n: string } } }, index: number) => item.task.labels.n === `${index}`),
  ).toBe(true)
  const run = await batch([{ kind: 'succeed', input: {} }])
  expect((await mayfly.settled(run.body.items[0].task.id)).state).toBe('succeeded')
})

it.each([[[]], [Array.from({ length: 1001 }, () => task)], ['x'], [{}], [null]])(
  'refuses %j as a whole',
  async (tasks) => {
    expect((await batch(tasks)).status).toBe(400)
  },
)

it('refuses more bytes than it reads', async () => {
  const { status, body } = await batch([{ ...task, input: 'x'.repeat(9 * 1024 * 1024) }])
  expect([status, body.code]).toEqual([413, 'TOO_LARGE'])
})
