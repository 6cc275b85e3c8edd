import type { Session } from '../session.ts'

const soonestMs = 30_000
const leastAheadMs = 5 * 60_000
const jitterMs = 60_000

/** When to renew a session: a tenth of its life ahead of its end, and not all orgs at once. `random` is in [0, 1). */
export function refreshAt({ issuedAtMs, expiresAtMs }: Session, nowMs: number, random: number): number | null {
  if (expiresAtMs === null) return null
  const ahead = Math.max(leastAheadMs, (expiresAtMs - issuedAtMs) / 10)
  return Math.round(Math.max(nowMs + soonestMs, expiresAtMs - ahead) - random * jitterMs)
}
