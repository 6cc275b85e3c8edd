import { describe, expect, it } from 'vitest'
import { authenticator } from '../../src/access/authenticator.ts'
import { Expiries } from '../../src/access/expiries.ts'
import { adminGrant } from '../../src/access/grants.ts'
import { digestOf, newToken, newTokenOf } from '../../src/access/token.ts'
import { Tokens } from '../../src/access/tokens.ts'
import type { TokenRecord } from '../../src/journal/tokens.ts'
import { newTaskId } from '../../src/system/ids.ts'

const record = (id: string, token: string, own: Partial<TokenRecord> = {}): TokenRecord => ({
  id,
  digest: digestOf(token),
  name: '',
  tenant: 'acme',
  role: 'tenant',
  pools: null,
  kinds: null,
  paths: false,
  createdAt: 0,
  expiresAt: null,
  lastUsedAt: null,
  ...own,
})

/** Tokens over an array, with time that stands still until it is moved. */
async function tokensOf(known: readonly TokenRecord[]) {
  const time = { now: 1_000_000 }
  const uses: [string, number][] = []
  const timers: (() => void)[] = []
  const clock = {
    now: () => time.now,
    monotonic: () => time.now,
    after(_milliseconds: number, call: () => void) {
      timers.push(call)
      return () => {}
    },
  }
  const tokens = await Tokens.open({
    records: {
      all: async () => known,
      add: async () => true,
      remove: async () => true,
      used: async (id, at) => void uses.push([id, at]),
    },
    tenants: { has: () => true },
    clock,
  })
  const authenticate = authenticator({
    admin: adminGrant(newToken()),
    grants: tokens,
    tenants: { has: () => true },
    clock,
  })
  const use = (token: string) => authenticate({ authorization: `Bearer ${token}`, actFor: undefined })
  const ring = () => {
    for (const call of timers.splice(0)) call()
  }
  return { tokens, use, uses, time, ring }
}

describe('tokens', () => {
  it('are found at the same cost among ten thousand as among ten', async () => {
    const costOf = async (count: number) => {
      const made = Array.from({ length: count }, () => newTaskId()).map((id) => ({ id, token: newTokenOf(id) }))
      const { use } = await tokensOf(made.map(({ id, token }) => record(id, token)))
      const sample = Array.from({ length: 2000 }, (_, index) => made[(index * 7919) % count]?.token as string)
      const rounds = Array.from({ length: 7 }, () => {
        const start = performance.now()
        for (const token of sample) use(token)
        return performance.now() - start
      })
      return Math.min(...rounds) / sample.length
    }
    await costOf(10)
    const [few, many] = [await costOf(10), await costOf(10_000)]
    expect(many).toBeLessThan(few * 5 + 0.01)
  })

  it('note their use once in ten minutes', async () => {
    const id = newTaskId()
    const token = newTokenOf(id)
    const { use, uses, time } = await tokensOf([record(id, token)])
    for (let minute = 0; minute < 25; minute++) {
      use(token)
      time.now += 60_000
    }
    expect(uses.map(([, at]) => (at - 1_000_000) / 60_000)).toEqual([0, 10, 20])
  })

  it('end once: at their time, when they are revoked, or with their tenant', async () => {
    const [expiring, revoked, left] = [newTaskId(), newTaskId(), newTaskId()]
    const known = [
      record(expiring, 'a', { expiresAt: 1_001_000 }),
      record(revoked, 'b', { expiresAt: 1_001_000 }),
      record(left, 'c', { tenant: 'gone' }),
    ]
    const { tokens, time, ring } = await tokensOf(known)
    const ended: string[] = []
    tokens.onEnd((id) => ended.push(id))
    ring()
    await tokens.revoke({ tenant: 'default', role: 'admin', tokenId: 'admin' }, revoked)
    expect([ended, tokens.stands(revoked), tokens.stands(expiring)]).toEqual([[revoked], false, true])
    time.now += 1000
    expect(tokens.stands(expiring)).toBe(false)
    ring()
    ring()
    tokens.forgetTenant('gone')
    expect(ended).toEqual([revoked, expiring, left])
    expect(tokens.list().map(({ id }) => id)).toEqual([expiring])
  })
})

describe('expiries', () => {
  it('keep no timer when there is nothing to wait for', () => {
    let timers = 0
    const after = () => {
      timers += 1
      return () => {}
    }
    const clock = { now: () => 0, monotonic: () => 0, after }
    const expiries = new Expiries(clock, () => {})
    expiries.add('past', -1)
    expect(timers).toBe(0)
    expiries.add('one', 5)
    expiries.add('two', 6)
    expect(timers).toBe(1)
  })
})
