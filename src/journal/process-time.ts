/** Process time that tenants have used, by UTC days: counted in the commit that closes an attempt. */
export interface ProcessTime {
  /** Of this day, counted from 1970-01-01, by every tenant that has used some, in seconds. */
  ofDay(day: number): Promise<readonly UsedTime[]>
}

export interface UsedTime {
  readonly tenant: string
  readonly seconds: number
}

const dayMs = 86_400_000

/** Milliseconds since 1970 → days since then, UTC. */
export function dayOf(at: number): number {
  return Math.floor(at / dayMs)
}

/** Of so many seconds that end at this moment, those that are of its day. */
export function secondsOfDay(at: number, seconds: number): number {
  return Math.min(seconds, (at - dayOf(at) * dayMs) / 1000)
}
