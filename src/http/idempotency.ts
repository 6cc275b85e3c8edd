import type { IncomingHttpHeaders } from 'node:http'
import { checkOf } from '../contract/check.ts'
import { IdempotencyKey } from '../contract/fragments.ts'
import { Refusal } from '../task/errors.ts'

const check = checkOf(IdempotencyKey, 'Idempotency-Key')

export function idempotencyKey(headers: IncomingHttpHeaders): string | null {
  const key = headers['idempotency-key']
  if (key === undefined) return null
  const sentence = check(key)
  if (sentence !== undefined) throw new Refusal('BAD_REQUEST', sentence)
  return String(key)
}
