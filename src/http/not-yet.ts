import { Refusal } from '../task/errors.ts'

// What the contract promises and nobody has built: refused, because to ignore it would be to break a promise silently.

export function refuseIdempotencyKey(key: unknown): void {
  if (key === undefined) return
  throw new Refusal('BAD_REQUEST', 'an idempotency key is not available yet: leave it out, and list tasks by a label')
}

export function refuseFilter(filter: unknown): void {
  if (filter === undefined) return
  throw new Refusal('BAD_REQUEST', 'filter is not available yet: subscribe to one task by its id')
}
