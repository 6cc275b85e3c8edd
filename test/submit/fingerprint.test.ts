import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fingerprintOf } from '../../src/submit/fingerprint.ts'
import type { Json } from '../../src/task/json.ts'

/** What a request may hold: as it comes out of a JSON parser, which knows no -0 once it was written. */
const anyJson = fc.jsonValue({ maxDepth: 4 }).map((value): Json => JSON.parse(JSON.stringify(value)))

/** The same with the members of every object in another order. */
function shuffled(value: Json, seed: number): Json {
  if (Array.isArray(value)) return value.map((item) => shuffled(item, seed))
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).map(([name, member]) => [name, shuffled(member, seed)] as const)
  const at = members.length === 0 ? 0 : seed % members.length
  return Object.fromEntries([...members.slice(at), ...members.slice(0, at)].reverse())
}

describe('the fingerprint of a request', () => {
  it('is 256 bits, and stays what it is: it is compared with those that are stored', () => {
    const request = { kind: 'lint', input: { b: [1, null], a: 'ä' }, labels: { '10': 'x', '9': 'y' } }
    expect(fingerprintOf(request)).toBe('044052b178e7b8f07f57bb375dc775edf0f7b116e0bbb64af491d6542a92c215')
  })

  it('does not depend on the order of members, at any depth', () => {
    fc.assert(
      fc.property(anyJson, fc.nat(), (value, seed) => {
        expect(fingerprintOf(shuffled(value, seed))).toBe(fingerprintOf(value))
      }),
    )
  })

  it('differs for whatever differs otherwise', () => {
    fc.assert(
      fc.property(anyJson, anyJson, (one, other) => {
        expect(fingerprintOf(one) === fingerprintOf(other)).toBe(isEqual(one, other))
      }),
    )
  })

  it.each([
    ['a list in another order', { input: [1, 2] }, { input: [2, 1] }],
    ['null for nothing', { input: { a: null } }, { input: {} }],
    ['a text for a number', { input: 1 }, { input: '1' }],
    ['a list for an object', { input: [] }, { input: {} }],
    ['a member that moved to another object', { a: { x: 1 }, b: {} }, { a: {}, b: { x: 1 } }],
    ['names and values that read the same when joined', { a: 'b","c":"d' }, { a: 'b', c: 'd' }],
    ['an own __proto__', JSON.parse('{"__proto__":{"x":1}}'), {}],
  ])('differs for %s', (_what, one, other) => {
    expect(fingerprintOf(one)).not.toBe(fingerprintOf(other))
  })

  it('takes a number for what it is, however it was written', () => {
    const [one, other] = ['{"input":[1.0,1e2,-0]}', '{"input":[1,100,0]}'].map((text) => JSON.parse(text))
    expect(fingerprintOf(one)).toBe(fingerprintOf(other))
  })
})

function isEqual(one: Json, other: Json): boolean {
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return one === other
  if (Array.isArray(one) !== Array.isArray(other)) return false
  const [ones, others] = [Object.entries(one), new Map(Object.entries(other))]
  if (ones.length !== others.size) return false
  return ones.every(([name, member]) => others.has(name) && isEqual(member, others.get(name) as Json))
}
