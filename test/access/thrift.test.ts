import { expect, test } from 'vitest'
import { Thrift } from '../../src/access/thrift.ts'

function thriftAt() {
  let now = 1_000
  const thrift = new Thrift({ monotonic: () => now })
  const work = (ms: number) => () => {
    now += ms
    return ms
  }
  return { spend: (tenant: string, ms: number) => thrift.spend(tenant, work(ms)), pass: work }
}

const refused = expect.objectContaining({ code: 'TOO_MANY', retryAfterSeconds: expect.any(Number) })

test('a tenant that asks without a pause is refused soon, and told when to ask again', () => {
  const { spend, pass } = thriftAt()
  for (let time = 0; time < 28; time += 1) expect(spend('acme', 20)).toBe(20)
  const ask = () => spend('acme', 20)
  expect(ask).toThrow(refused)
  expect(ask).toThrow(/ask again in \d s/)
  expect(spend('globex', 20)).toBe(20)
  pass(10_000)()
  expect(spend('acme', 20)).toBe(20)
})

test('many tenants together take no more than their part either', () => {
  const { spend, pass } = thriftAt()
  let [spent, refusals] = [0, 0]
  for (let time = 0; time < 5_000; time += 1) {
    try {
      spent += spend(`t${time % 100}`, 20)
    } catch {
      refusals += 1
      pass(5)()
    }
  }
  expect(refusals).toBeGreaterThan(1_000)
  expect(spent / (spent + 5 * refusals)).toBeLessThan(0.35)
})

test('what fails is paid for, too', () => {
  const { spend, pass } = thriftAt()
  const thrift = new Thrift({ monotonic: () => 0 })
  expect(() =>
    thrift.spend('acme', () => {
      throw new Error('no')
    }),
  ).toThrow('no')
  expect(() => Array.from({ length: 40 }, () => spend('acme', 20))).toThrow(refused)
  pass(1)()
})
