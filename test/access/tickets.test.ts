import { beforeEach, describe, expect, it } from 'vitest'
import type { Credential } from '../../src/access/credential.ts'
import { Tickets } from '../../src/access/tickets.ts'

const acme: Credential = { tenant: 'acme', role: 'tenant', tokenId: 'a' }
let now: number
let ended: Set<string>
let tickets: Tickets

beforeEach(() => {
  now = 1_000_000
  ended = new Set()
  tickets = new Tickets({ clock: { now: () => now }, stands: (id) => !ended.has(id) })
})

const redeem = (ticket: string) => () => tickets.redeem(ticket)

describe('a ticket', () => {
  it('is 256 random bits, and says whose it is, once', () => {
    const { ticket } = tickets.issue(acme)
    expect(Buffer.from(ticket, 'base64url')).toHaveLength(32)
    expect(tickets.redeem(ticket)).toBe(acme)
    expect(redeem(ticket)).toThrow('not valid any more')
  })

  it('is good for half a minute', () => {
    const [early, late] = [tickets.issue(acme), tickets.issue(acme)]
    expect(early.expiresAt).toBe(now + 30_000)
    now += 29_999
    expect(tickets.redeem(early.ticket)).toBe(acme)
    now += 1
    expect(redeem(late.ticket)).toThrow('POST /v1/stream/tickets')
  })

  it('is good for nothing when its token has ended', () => {
    const { ticket } = tickets.issue(acme)
    ended.add('a')
    expect(redeem(ticket)).toThrow('not valid any more')
  })

  it('that nobody issued is refused', () => {
    for (const guess of ['', 'x', 'x'.repeat(100_000)]) expect(redeem(guess)).toThrow('not valid any more')
  })
})

describe('the tickets of a token', () => {
  it('are at most a hundred that are unused, whatever others have', () => {
    const held = Array.from({ length: 100 }, () => tickets.issue(acme).ticket)
    expect(() => tickets.issue(acme)).toThrow('at most 100 unused tickets')
    const other = tickets.issue({ ...acme, tokenId: 'b' })
    expect(tickets.redeem(other.ticket).tokenId).toBe('b')
    tickets.redeem(held[50] as string)
    tickets.issue(acme)
    now += 30_000
    for (let each = 0; each < 100; each++) tickets.issue(acme)
  })
})
