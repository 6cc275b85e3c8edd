import { describe, expect, it } from 'vitest'
import { checkOf, inputCheckOf } from '../../src/contract/check.ts'
import { closed, nullable } from '../../src/contract/fragments.ts'
import { INBOUND } from '../../src/contract/inbound.ts'
import { EventQuery, TaskListQuery } from '../../src/contract/query.ts'
import { CancelRequest, TaskRequest } from '../../src/contract/request.ts'
import { Type } from '../../src/contract/schema.ts'

const check = checkOf(TaskRequest, 'the body')
const good = { kind: 'lint', input: {} }

describe('a check', () => {
  it('has nothing to say about a full and right request', () => {
    const full = {
      kind: 'org.backup',
      input: [1, { a: null }],
      pool: 'batch',
      priority: -3600,
      notBefore: '2030-01-31T08:00:00.5+01:00',
      ttlSeconds: 60,
      concurrency: { key: 'org 1', limit: 2 },
      secrets: { token: 'vault:TOKEN' },
      retry: { maxAttempts: 3, backoffSeconds: 0.5 },
      limits: { runSeconds: 1, memoryMiB: 64 },
      labels: { 'ci/branch': 'feature/ä' },
    }
    expect(check(full)).toBeUndefined()
  })

  it.each([
    [null, 'the body must be an object'],
    [[], 'the body must be an object'],
    ['{}', 'the body must be an object'],
    [{}, 'kind is missing'],
    [{ kind: 'lint' }, 'input is missing'],
    [{ ...good, extra: 1 }, 'extra is not allowed here'],
    [{ ...good, kind: 3 }, 'kind must be a string'],
    [{ ...good, kind: '../x' }, 'kind must be lower case letters, digits, "_", "." and "-", beginning with a letter'],
    [{ ...good, kind: '__proto__' }, 'kind must be lower case letters'],
    [{ ...good, pool: 'fast' }, 'pool must be one of critical, normal, batch'],
    [{ ...good, priority: 3601 }, 'priority must be at most 3600'],
    [{ ...good, priority: '1' }, 'priority must be a number'],
    [{ ...good, notBefore: 'tomorrow' }, 'notBefore must be ISO 8601 with offset'],
    [{ ...good, notBefore: '2030-02-31T00:00:00Z' }, 'notBefore must be ISO 8601 with offset'],
    [{ ...good, concurrency: {} }, 'concurrency.key is missing'],
    [{ ...good, concurrency: { key: '' } }, 'concurrency.key must have at least 1 character'],
    [{ ...good, concurrency: { key: 'k', limit: 0 } }, 'concurrency.limit must be at least 1'],
    [{ ...good, concurrency: { key: 'k', onConflict: 'fight' } }, 'concurrency.onConflict must be one of'],
    [{ ...good, limits: { memoryMiB: 1.5 } }, 'limits.memoryMiB must be an integer'],
    [{ ...good, limits: { cpus: 1 } }, 'limits.cpus is not allowed here'],
    [{ ...good, secrets: { token: '' } }, 'secrets.token must have at least 1 character'],
    [{ ...good, labels: { a: 'x'.repeat(256) } }, 'labels.a must have at most 255 characters'],
    [{ ...good, labels: { a: '\u0000' } }, 'labels.a must be text without control characters'],
    [{ ...good, labels: { 'a b': 'x' } }, 'labels.a b is not allowed here'],
    [{ ...good, labels: JSON.parse('{"__proto__":"x"}') }, 'labels.__proto__ is not allowed here'],
    [{ ...good, labels: manyLabels(33) }, 'labels must have at most 32 entries'],
  ])('says what is wrong with %j', (value, sentence) => {
    expect(check(value)).toMatch(new RegExp(`^${sentence.replaceAll(/[.*+?^$()[\]|]/g, '\\$&')}`))
  })

  it('speaks of the alternative that was meant, not of null', () => {
    const cancel = checkOf(nullable(CancelRequest), 'the body')
    expect(cancel(null)).toBeUndefined()
    expect(cancel({ reason: 3 })).toBe('reason must be a string')
    expect(cancel({ why: 'x' })).toBe('why is not allowed here')
  })

  it.each([
    ['x', 'it must be "auto" or an object'],
    [3, 'it must be "auto" or an object'],
    [{}, 'it.require is missing'],
    [{ require: 4 }, 'it.require must be at most 3'],
    [{ atMost: 4 }, 'it.atMost must be at most 3'],
    [{ atMost: 'x' }, 'it.atMost must be an integer'],
  ])('speaks of all alternatives where none was meant, and of the one that was: %j', (it, sentence) => {
    const level = Type.Integer({ minimum: 0, maximum: 3 })
    const either = Type.Union([Type.Literal('auto'), closed({ require: level }), closed({ atMost: level })])
    expect(checkOf(closed({ it: either }), 'all')({ it })).toBe(sentence)
  })

  it('names the place within a message of the stream', () => {
    const submit = checkOf(INBOUND.submit, 'the message')
    expect(submit({ type: 'submit', ref: '1', task: { kind: 'lint' } })).toBe('task.input is missing')
    expect(submit({ type: 'submit', task: good })).toBe('ref is missing')
  })

  it('describes what a query wants', () => {
    expect(checkOf(TaskListQuery, 'the query')({ label: 'x' })).toBe('label must be name:value')
    expect(checkOf(EventQuery, 'the query')({ wait: 56 })).toBe('wait must be at most 55')
  })

  it('repeats of a stranger’s name neither its length nor its control characters', () => {
    const sentence = check({ ...good, ['\u001b[31m'.repeat(100)]: 1 }) ?? ''
    expect(sentence.length).toBeLessThan(120)
    expect(sentence).not.toContain('\u001b')
  })

  it('reads the plain JSON schema of a kind as well', () => {
    const input = { type: 'object', required: ['name'], properties: { name: { type: 'string', maxLength: 3 } } }
    expect(inputCheckOf(input, 'input')({ name: 'long' })).toBe('name must have at most 3 characters')
    expect(inputCheckOf(input, 'input')(1)).toBe('input must be an object')
  })

  it.each([
    [{ oneOf: [{ type: 'string' }, { type: 'integer' }] }, true, 'it must be a string or an integer'],
    [{ type: ['string', 'integer'] }, true, 'it must be a string or an integer'],
    [{ type: 'null' }, 3, 'it must be a null'],
  ])('says what a plain schema takes: %j', (schema, it, sentence) => {
    expect(inputCheckOf({ properties: { it: schema } }, 'input')({ it })).toBe(sentence)
  })

  it('reads the newest words of a kind’s schema, and lets pass those that nobody knows', () => {
    const input = { $id: 'same', prefixItems: [{ type: 'string' }], items: false, fanciful: 1, format: 'host-path' }
    expect(inputCheckOf(input, 'input')(['a'])).toBeUndefined()
    // Two kinds with the same id do not meet.
    expect(inputCheckOf({ ...input, unevaluatedItems: false }, 'input')([1])).toBe('0 must be a string')
  })

  it('holds names that every object has for missing, and repairs nothing', () => {
    const input = { properties: { a: { type: 'integer', default: 3 } }, required: ['constructor'] }
    const value = { a: '1' }
    expect(inputCheckOf(input, 'input')(value)).toBe('constructor is missing')
    expect(inputCheckOf({ ...input, required: [] }, 'input')(value)).toBe('a must be an integer')
    expect(value).toEqual({ a: '1' })
  })

  it.each([
    [{ type: 'objekt' }, 'type must be'],
    [{ $async: true }, '$async is no word of JSON schema'],
    [{ pattern: '(' }, 'Invalid regular expression'],
  ])('cannot use %j', (schema, reason) => {
    expect(() => inputCheckOf(schema, 'input')('x')).toThrow(reason)
  })
})

function manyLabels(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`l${i}`, 'x']))
}

it.each([checkOf, inputCheckOf])('compiles a schema once, when it is first needed (%o)', (toCheck) => {
  let looks = 0
  const schema = { type: 'object' } as Record<string, unknown>
  Object.defineProperty(schema, 'required', { enumerable: true, get: () => looks++ >= 0 && ['a'] })
  const check = toCheck(schema as never, 'input')
  expect(looks).toBe(0)
  expect(check({ a: 1 })).toBeUndefined()
  const atFirst = looks
  expect(atFirst).toBeGreaterThan(0)
  for (let i = 0; i < 10; i++) expect(check({ a: i })).toBeUndefined()
  expect(looks).toBe(atFirst)
})
