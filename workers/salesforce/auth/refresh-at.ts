import type { Session } from '../session.ts'

const soonestMs = 30_000
const leastAheadMs = 5 * 60_000
const jitterMs = 60_000

export interface Ahead {
  /** How long from now at least; 30 s. */
  readonly soonestMs?: number
  /** How long before its end; a tenth of its life, and 5 minutes at least. */
  readonly aheadMs?: number
}

/** When to renew a session: a tenth of its life ahead of its end, and not all orgs at once. `random` is in [0, 1). */
export function refreshAt(
  { issuedAtMs, expiresAtMs }: Pick<Session, 'issuedAtMs' | 'expiresAtMs'>,
  nowMs: number,
  random: number,
  { soonestMs: soonest = soonestMs, aheadMs }: Ahead = {},
): number | null {
  if (expiresAtMs === null) return null
  const ahead = aheadMs ?? Math.max(leastAheadMs, (expiresAtMs - issuedAtMs) / 10)
  const jitter = Math.min(jitterMs, aheadMs ?? jitterMs)
  return Math.round(Math.max(nowMs + soonest, expiresAtMs - ahead) - random * jitter)
}
