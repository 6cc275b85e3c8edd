import { describe, expect, it } from 'vitest'
import type { TaskRequest } from '../../src/contract/request.ts'
import { createRegistry } from '../../src/kinds/registry.ts'
import { toTask } from '../../src/submit/submit.ts'
import { Refusal } from '../../src/task/errors.ts'

const { registry } = createRegistry([
  {
    module: 'm',
    definition: {
      kind: 'backup',
      pool: 'normal',
      input: {
        type: 'object',
        required: ['org'],
        additionalProperties: false,
        properties: { org: { type: 'string' }, from: { type: 'string', format: 'host-path' } },
      },
      limits: { runSeconds: 5 },
      retry: { maxAttempts: 4 },
    },
  },
])

const now = 1_700_000_000_000
const submit = (request: Partial<TaskRequest>, mayRaisePool = false) =>
  toTask(
    {
      id: 'id',
      tenant: 'acme',
      request: { kind: 'backup', input: { org: 'o' }, ...request },
      mayRaisePool,
      mayReadPaths: false,
      now,
    },
    registry,
  )

function refusal(request: Partial<TaskRequest>): Refusal {
  try {
    submit(request)
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
  throw new Error('it was not refused')
}

describe('a submission', () => {
  it('lets only who may have tasks read directories of the machine', () => {
    expect(refusal({ input: { org: 'o', from: '/srv' } })).toMatchObject({ code: 'FORBIDDEN' })
    expect(submit({ input: { org: 'o' } }).input).toEqual({ org: 'o' })
  })

  it('takes from the kind what it does not say, and keeps what it says', () => {
    const task = submit({ limits: { memoryMiB: 64 }, retry: { backoffSeconds: 9 }, labels: { a: 'b' } })
    expect(task).toMatchObject({
      tenant: 'acme',
      state: 'queued',
      attempt: 0,
      pool: 'normal',
      limits: { runSeconds: 5, memoryMiB: 64 },
      retry: { maxAttempts: 4, backoffSeconds: 9 },
      labels: { a: 'b' },
      notBefore: null,
      expiresAt: null,
      createdAt: now,
    })
  })

  it('turns its times into moments', () => {
    const task = submit({ notBefore: '2030-01-31T08:00:00+02:00', ttlSeconds: 1.5 })
    expect([task.notBefore, task.expiresAt]).toEqual([Date.UTC(2030, 0, 31, 6), now + 1_500])
  })

  it('has a concurrency of one when it says none', () => {
    expect(submit({ concurrency: { key: 'org' } }).concurrency).toEqual({ key: 'org', limit: 1 })
    expect(submit({ concurrency: { key: 'org', limit: 3 } }).concurrency).toEqual({ key: 'org', limit: 3 })
  })

  it('of an unknown kind is refused, and told which there are', () => {
    for (const kind of ['nothing', '__proto__', 'constructor', 'toString'])
      expect(refusal({ kind })).toMatchObject({ code: 'UNKNOWN_KIND', message: expect.stringContaining('backup') })
  })

  it('is refused when its input is not the kind’s', () => {
    for (const input of [
      null,
      {},
      { org: 1 },
      { org: 'o', more: 1 },
      [],
      'o',
      JSON.parse('{"org":"o","__proto__":{}}'),
    ])
      expect(refusal({ input })).toMatchObject({ code: 'INVALID_INPUT' })
  })

  it('may ask for a lower pool, and for a higher one only with the right to', () => {
    expect(submit({ pool: 'batch' }).pool).toBe('batch')
    expect(refusal({ pool: 'critical' })).toMatchObject({ code: 'FORBIDDEN' })
    expect(submit({ pool: 'critical' }, true).pool).toBe('critical')
  })
})
