import { describe, expect, it } from 'vitest'
import { dueAt } from '../../../workers/salesforce/auth/keep.ts'

const now = 1_000_000_000
const minutes = 60_000
const session = { issuedAtMs: now, expiresAtMs: now + 120 * minutes }
const refusal = { atMs: now - minutes, task: 't', code: 'AUTH_INVALID', message: 'revoked' }
const due = (more: object) => dueAt({ session, refusal: null, input: {}, nowMs: now, random: 0, ...more })

describe('a session is due', () => {
  it('a tenth of its life before its end, at once when it has ended or is not there', () => {
    expect(due({})).toBe(now + 108 * minutes)
    expect(due({ random: 0.5 })).toBe(now + 108 * minutes - 30_000)
    expect(due({ input: { aheadSeconds: 60 } })).toBe(now + 119 * minutes)
    expect(due({ session: { ...session, expiresAtMs: now } })).toBe(now)
    expect(due({ session: null })).toBe(now)
  })

  it('never, when nothing is known of its end', () => {
    expect(due({ session: { ...session, expiresAtMs: null } })).toBe(null)
  })

  it('an hour after the org refused one, unless somebody has logged in since', () => {
    const old = { issuedAtMs: now - 130 * minutes, expiresAtMs: now - 10 * minutes }
    expect(due({ session: old, refusal })).toBe(refusal.atMs + 60 * minutes)
    expect(due({ session: null, refusal, input: { retrySeconds: 60 } })).toBe(now)
    expect(due({ session, refusal })).toBe(now + 108 * minutes)
  })
})
