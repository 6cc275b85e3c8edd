/** Which span of time an incremental backup covers. Times are milliseconds since 1970, by the clock of the org. */

export interface Window {
  readonly from: number
  readonly to: number
}

/** Transactions that were open when the last backup looked commit rows with stamps from before it. */
const overlapMs = 10 * 60_000
/** The org lists deleted rows so far back, and no further. */
const deletedListMs = 30 * 86_400_000

/** From a little before the end of the parent's span to now. */
export function windowAfter(parentTo: number, now: number): Window {
  if (now < parentTo) throw new RangeError('the org says an earlier time than at the last backup')
  return { from: parentTo - overlapMs, to: now }
}

/** The part of it of which the org still lists deleted rows, or undefined. */
export function deletedWindow({ from, to }: Window): Window | undefined {
  const earliest = to - deletedListMs + overlapMs
  // Salesforce refuses spans under a minute.
  return to - Math.max(from, earliest) < 60_000 ? undefined : { from: Math.max(from, earliest), to }
}

/** The condition of a query for what changed in the window. */
export function changedWithin(stamp: string, { from, to }: Window): string {
  return `${stamp} >= ${soqlTime(from)} AND ${stamp} < ${soqlTime(to)}`
}

/** A literal of SOQL, which knows no quotes around times. */
export function soqlTime(ms: number): string {
  return new Date(ms).toISOString()
}
