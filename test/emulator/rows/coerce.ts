import { ApiError } from '../answer.ts'
import { salesforceTime } from '../time.ts'
import type { Field } from './define.ts'
import { looksLikeId, to18 } from './ids.ts'
import type { Value } from './store.ts'

/** A value as JSON or CSV gives it, as the field holds it. */
export function coerce(field: Field, value: unknown): Value {
  if (value === null || value === undefined || value === '' || value === '#N/A') return null
  switch (field.type) {
    case 'boolean':
      return booleanOf(field, value)
    case 'int':
    case 'double':
    case 'currency':
    case 'percent':
      return numberOf(field, value)
    case 'date':
    case 'datetime':
      return timeOf(field, value)
    case 'base64':
      return Buffer.isBuffer(value) ? value : Buffer.from(String(value), 'base64')
    case 'complexvalue':
      return typeof value === 'string' ? value : JSON.stringify(value)
    case 'id':
    case 'reference':
      return looksLikeId(String(value)) ? to18(String(value)) : String(value)
    default:
      return textOf(field, value)
  }
}

function booleanOf(field: Field, value: unknown): boolean {
  const text = String(value).toLowerCase()
  if (text === 'true' || text === '1') return true
  if (text === 'false' || text === '0') return false
  throw wrongType(field, value)
}

function numberOf(field: Field, value: unknown): number {
  const number = Number(value)
  if (Number.isNaN(number) || typeof value === 'boolean') throw wrongType(field, value)
  return number
}

function timeOf(field: Field, value: unknown): string {
  const text = String(value)
  const ms = Date.parse(text.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'))
  if (Number.isNaN(ms) || !/^\d{4}-\d\d-\d\d/.test(text)) throw wrongType(field, value)
  return field.type === 'date' ? text.slice(0, 10) : salesforceTime(ms)
}

function textOf(field: Field, value: unknown): string {
  const text = String(value)
  if (field.length > 0 && text.length > field.length) {
    const message = `${field.label}: data value too large: ${text.slice(0, 80)} (max length=${field.length})`
    throw new ApiError(400, 'STRING_TOO_LONG', message, [field.name])
  }
  return text
}

function wrongType({ name, label }: Field, value: unknown): ApiError {
  const message = `${label}: value not of required type: ${value}`
  return new ApiError(400, 'INVALID_TYPE_ON_FIELD_IN_RECORD', message, [name])
}
