import { Refusal } from '../task/errors.ts'

// What the contract promises and nobody has built: refused, because to ignore it would be to break a promise silently.

export function refuseFilter(filter: unknown): void {
  if (filter === undefined) return
  throw new Refusal('BAD_REQUEST', 'filter is not available yet: subscribe to one task by its id')
}
