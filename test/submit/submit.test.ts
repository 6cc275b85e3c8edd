import { describe, expect, it } from 'vitest'
import { boundsOf, noMaxima } from '../../src/access/bounds.ts'
import type { Credential } from '../../src/access/credential.ts'
import type { TaskRequest } from '../../src/contract/request.ts'
import { noQuotas } from '../../src/journal/tenants.ts'
import { createRegistry } from '../../src/kinds/registry.ts'
import { toTask } from '../../src/submit/submit.ts'
import { Refusal } from '../../src/task/errors.ts'
import type { Json } from '../../src/task/json.ts'

const unbounded = boundsOf(noQuotas, 'normal', {
  tenant: { memoryMiB: null, runSeconds: null },
  memoryMiB: null,
  criticalRunSeconds: 3600,
  maxLimits: noMaxima,
})

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

const anyProviders = { refusalOf: () => undefined, forbids: () => undefined }
const now = 1_700_000_000_000
const submit = (request: Partial<TaskRequest>, scopes: Partial<Credential> = {}) =>
  toTask(
    {
      id: 'id',
      caller: { tenant: 'acme', role: 'tenant', tokenId: 't', ...scopes },
      request: { kind: 'backup', input: { org: 'o' }, ...request },
      now,
    },
    {
      registry,
      providers: anyProviders,
      mayHandOn: () => true,
      canCutOff: true,
      keepsInMemory: true,
      boundsOf: () => unbounded,
    },
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

  describe('of a kind with a concurrency key of its own', () => {
    const definition = { kind: 'deploy', pool: 'normal', input: { properties: { org: { type: 'string' } } } } as const
    const own = createRegistry([{ module: 'm', definition: { ...definition, concurrency: { key: 'org:{org}' } } }])
    const concurrencyOf = (concurrency?: TaskRequest['concurrency'], input: Json = { org: 'a' }) =>
      toTask(
        {
          id: 'id',
          caller: { tenant: 'acme', role: 'tenant', tokenId: 't' },
          request: { kind: 'deploy', input, ...(concurrency && { concurrency }) },
          now,
        },
        {
          registry: own.registry,
          providers: anyProviders,
          mayHandOn: () => true,
          canCutOff: true,
          keepsInMemory: true,
          boundsOf: () => unbounded,
        },
      ).concurrency

    it('has that, and what the request says of conflicts', () => {
      expect(concurrencyOf()).toEqual({ key: 'org:a', limit: 1 })
      expect(concurrencyOf({ key: 'org:a', onConflict: 'reject' })).toEqual({
        key: 'org:a',
        limit: 1,
        onConflict: 'reject',
      })
    })

    it('cannot have another one, nor another limit', () => {
      for (const evasion of [{ key: 'mine' }, { key: 'org:b' }, { key: 'org:a', limit: 2 }])
        expect(() => concurrencyOf(evasion)).toThrow('deploy runs under the concurrency key org:a with limit 1')
    })

    it('has what the request says where the input has nothing for the key', () => {
      expect(concurrencyOf({ key: 'mine' }, {})).toEqual({ key: 'mine', limit: 1 })
      expect(concurrencyOf(undefined, {})).toBeNull()
    })
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
    expect(submit({ pool: 'critical' }, { role: 'admin' }).pool).toBe('critical')
  })

  it('is confined to the pools of its token, whatever the kind’s own is', () => {
    const pools = ['critical', 'batch'] as const
    expect(submit({ pool: 'critical' }, { pools }).pool).toBe('critical')
    expect(submit({ pool: 'batch' }, { pools }).pool).toBe('batch')
    expect(() => submit({}, { pools })).toThrow('this token may use critical, batch only, not the pool normal')
  })

  it('is confined to the kinds of its token', () => {
    expect(submit({}, { kinds: ['lint', 'backup'] }).kind).toBe('backup')
    expect(() => submit({}, { kinds: ['lint'] })).toThrow('this token may submit lint only')
    expect(() => submit({}, { kinds: ['__proto__'] })).toThrow(Refusal)
  })
})

describe('a place of the machine', () => {
  const place = { type: 'string', format: 'host-path' }
  const kindOf = (input: Record<string, unknown>) =>
    createRegistry([{ module: 'm', definition: { kind: 'read', pool: 'normal', input } }]).registry
  const ask = (schema: Record<string, unknown>, input: Json, mayReadPaths: boolean) => () =>
    toTask(
      {
        id: 'id',
        caller: { tenant: 'acme', role: 'tenant', tokenId: 't', mayReadPaths },
        request: { kind: 'read', input },
        now,
      },
      {
        registry: kindOf(schema),
        providers: anyProviders,
        mayHandOn: () => true,
        canCutOff: true,
        keepsInMemory: true,
        boundsOf: () => unbounded,
      },
    )

  it.each([
    ['as a member', { properties: { path: place } }, { path: '/etc' }, { other: '/etc' }],
    ['in a list', { properties: { paths: { items: place } } }, { paths: ['/etc'] }, { paths: [] }],
    ['further down', { properties: { a: { properties: { b: place } } } }, { a: { b: '/etc' } }, { a: {} }],
    ['under any name', { patternProperties: { '^p': place } }, { place: '/etc' }, { other: 1 }],
    ['by reference', { properties: { a: { $ref: '#/$defs/p' } }, $defs: { p: place } }, { a: '/etc' }, {}],
    ['as one of several', { anyOf: [{ type: 'number' }, place] }, '/etc', 5],
  ] as const)('%s needs a token that may read there', (_how, schema, input, harmless) => {
    expect(ask({ ...schema }, input as unknown as Json, false)).toThrow(expect.objectContaining({ code: 'FORBIDDEN' }))
    expect(ask({ ...schema }, input as unknown as Json, true)).not.toThrow()
    expect(ask({ ...schema }, harmless as unknown as Json, false)).not.toThrow()
  })
})
