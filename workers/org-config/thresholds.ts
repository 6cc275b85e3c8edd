/** The numbers that rules judge by. */

/** Each with what it is when the input does not say, and its bounds. */
const numbers = {
  apiUsagePct: [80, 0, 100, 'of the API calls of 24 hours'],
  storagePct: [90, 0, 100, 'of data and file storage'],
  limitPct: [90, 0, 100, 'of every other limit'],
  trialDays: [14, 0, 365, 'days that a trial or scratch org must last'],
  healthScore: [80, 0, 100, 'score of the security health check, at least'],
  coveragePct: [75, 0, 100, 'code coverage, at least'],
  apexApiVersion: [50, 1, 99, 'API version of Apex classes, at least'],
  idleUserDays: [90, 1, 3_650, 'days without a login after which an active user counts as idle'],
  idleUsers: [0, 0, 1_000_000, 'of them, at most'],
  setupChangeDays: [7, 1, 180, 'days in which changes in setup are counted'],
  setupChanges: [100, 0, 2_000, 'of them, at most'],
  modifyAllUsers: [5, 0, 1_000_000, 'users who may modify all data, at most'],
  inactiveFlows: [0, 0, 2_000, 'flows that are not active, at most'],
  certificateDays: [30, 0, 3_650, 'days that a certificate must last'],
} as const satisfies Readonly<Record<string, readonly [number, number, number, string]>>

export type Thresholds = Readonly<Record<keyof typeof numbers, number>>

const entries = Object.entries(numbers) as [keyof Thresholds, (typeof numbers)[keyof Thresholds]][]

const usual = Object.fromEntries(entries.map(([name, [value]]) => [name, value])) as Thresholds

export function thresholdsOf(given: Partial<Thresholds> = {}): Thresholds {
  return { ...usual, ...given }
}

export const thresholdsSchema = {
  type: 'object',
  additionalProperties: false,
  properties: Object.fromEntries(
    entries.map(([name, [value, minimum, maximum, what]]) => {
      return [name, { type: 'integer', minimum, maximum, description: `${what}; ${value} when left out` }]
    }),
  ),
}
