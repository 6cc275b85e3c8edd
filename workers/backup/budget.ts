/** How many calls a backup takes, and whether the org can spare them. */

export interface Quota {
  readonly max: number
  readonly remaining: number
}

/** Fewer rows than this are asked for page by page; more are a bulk job. */
export const bulkFromRows = 2_000
const pageRows = 2_000
/** Make the job, poll it some times, fetch it. */
const callsPerJob = 8
const rowsPerPart = 50_000

/** Estimated from below; files are counted by their rows, one call each. */
export function callsFor(rows: ReadonlyMap<string, number>, bodies: readonly string[]): number {
  let calls = 4
  for (const [object, count] of rows) {
    calls += 1 + (count < bulkFromRows ? 1 + Math.ceil(count / pageRows) : callsPerJob + Math.ceil(count / rowsPerPart))
    if (bodies.includes(object)) calls += count
  }
  return calls
}

/** A sentence when the calls would take more than this share of the org's day, or more than is left. */
export function refusalOf(calls: number, { max, remaining }: Quota, budgetPercent: number): string | undefined {
  const spare = Math.min(Math.floor((max * budgetPercent) / 100), remaining)
  if (calls <= spare) return
  return (
    `the backup needs about ${calls} API calls; the org has ${remaining} of ${max} left today, ` +
    `and apiBudgetPct ${budgetPercent} allows ${Math.floor((max * budgetPercent) / 100)}`
  )
}
