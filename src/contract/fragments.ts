import { ON_CONFLICT } from '../task/conflict.ts'
import type { Json } from '../task/json.ts'
import { POOLS } from '../task/task.ts'
import { type TSchema, Type } from './schema.ts'

/** Anything that JSON can hold; its depth is bounded where bodies are parsed. */
export const AnyJson = Type.Unsafe<Json>(Type.Unknown())

/** A moment: ISO 8601 with its offset. The pattern leaves out what the format allows and a Date cannot read. */
export const Moment = Type.String({
  format: 'date-time',
  pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-5][0-9]([.][0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})$',
  description: 'ISO 8601 with offset, such as 2030-01-31T08:00:00Z',
})

export const KindName = Type.String({
  pattern: '^[a-z][a-z0-9_.-]{0,63}$',
  description: 'lower case letters, digits, "_", "." and "-", beginning with a letter, at most 64 in all',
})

/** For whoever has to know without a schema. */
export const tenantNamePattern = /^[a-z][a-z0-9-]{0,62}$/

export const TenantName = Type.String({
  pattern: tenantNamePattern.source,
  description: 'lower case letters, digits and "-", beginning with a letter, at most 63 in all',
})

export const PoolName = Type.Enum([...POOLS])

/** What tasks share that must not run beside each other. */
export const ConcurrencyKey = Type.String({ minLength: 1, maxLength: 200, description: 'a concurrency key' })

export const ConflictRule = Type.Enum([...ON_CONFLICT], {
  description:
    'queue: wait until the key has room (unless said otherwise); cancel-queued: cancel those of the key that wait; cancel-running: those that run, too; reject: refuse where as many of the key wait or run as its limit says',
})

export const SecretName = Type.String({
  pattern: '^[A-Za-z_][A-Za-z0-9_.-]{0,63}$',
  description: 'letters, digits, "_", "." and "-", not beginning with a digit, "." or "-", at most 64 in all',
})

export const StoredName = Type.String({
  pattern: '^[A-Za-z_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*$',
  maxLength: 128,
  description:
    'letters, digits, "_", "." and "-", in parts with "/" between them, such as github/bot, at most 128 in all',
})

/** Bound to the name that it is sent for; `GET /v1/secrets/public-key` says how. */
export const SealedText = Type.String({
  pattern: '^[A-Za-z0-9_-]+$',
  description: 'base64url: the value sealed with the public key',
})

export const LabelName = Type.String({
  pattern: '^[A-Za-z0-9][A-Za-z0-9_./-]{0,62}$',
  description: 'letters, digits, "_", ".", "/" and "-", beginning with a letter or digit, at most 63 in all',
})

export const LabelValue = Type.String({
  maxLength: 255,
  pattern: '^[^\\u0000-\\u001f\\u007f]*$',
  description: 'text without control characters, at most 255 in all',
})

export const Labels = Type.Record(LabelName, LabelValue, { maxProperties: 32, additionalProperties: false })

/** One of our ids. Checked before any look-up, so that an odd one is unknown rather than wrong. */
export const taskIdPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** Whether there is such a one is checked where it is taken. */
export const TimeZone = Type.String({
  pattern: '^[A-Za-z][A-Za-z0-9_+/-]{0,63}$',
  description: 'the name of a time zone, such as Europe/Berlin',
})

export const Reason = Type.String({ maxLength: 1000, description: 'shown to whoever asks why' })

export const IdempotencyKey = Type.String({
  pattern: '^[!-~]{1,255}$',
  description: '1 to 255 printable ASCII characters without spaces',
})

export function closed<const P extends Record<string, TSchema>>(properties: P, description?: string) {
  return Type.Object(properties, { additionalProperties: false, ...(description && { description }) })
}

export function nullable<const S extends TSchema>(schema: S, description?: string) {
  return Type.Union([Type.Null(), schema], { ...(description && { description }) })
}

/** Seconds, fractions allowed. */
export function seconds(minimum: number, maximum: number) {
  return Type.Number({ minimum, maximum, description: 'seconds' })
}

export function count(minimum: number, maximum: number) {
  return Type.Integer({ minimum, maximum })
}
